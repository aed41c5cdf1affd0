//! Drops what nothing reads.

use crate::graph::{CellId, Graph, Node, NodeId};

/// Returns the graph without nodes, cells and histories on which no output depends. A watch stays while its node does; one on a
/// constant stays too, since it costs nothing and what it counts is so in every future.
pub(super) fn sweep(mut graph: Graph) -> Graph {
    let live = Live::of(&graph);
    graph.watches.retain(|watch| live.nodes[watch.node.position()]);
    let ids = super::positions(&live.nodes);
    let node = |id: NodeId| NodeId(ids[id.position()]);
    let mut nodes = std::mem::take(&mut graph.nodes);
    super::retain(&mut nodes, &live.nodes);
    nodes.iter_mut().for_each(|kept| *kept = kept.mapped(node));
    let mut graph = graph.onto(nodes, node);
    super::keep(&mut graph, &live.cells, &live.histories);
    graph
}

struct Live {
    nodes: Vec<bool>,
    cells: Vec<bool>,
    histories: Vec<bool>,
}

impl Live {
    fn of(graph: &Graph) -> Live {
        let mut live = Live {
            nodes: vec![false; graph.nodes.len()],
            cells: vec![false; graph.cells.len()],
            histories: vec![false; graph.histories.len()],
        };
        let mut pending: Vec<NodeId> = Vec::new();
        for world in &graph.worlds {
            pending.extend(world.series.iter().chain(&world.choices).chain(&world.events));
            world
                .measures
                .iter()
                .for_each(|&cell| live.cell(graph, cell, &mut pending));
        }
        let constant = |node: NodeId| matches!(graph.nodes[node.position()], Node::Constant(_));
        pending.extend(
            graph
                .watches
                .iter()
                .map(|watch| watch.node)
                .filter(|&node| constant(node)),
        );
        while let Some(id) = pending.pop() {
            if std::mem::replace(&mut live.nodes[id.position()], true) {
                continue;
            }
            let node = &graph.nodes[id.position()];
            pending.extend(node.operands().iter());
            match node {
                Node::Cell(cell) => live.cell(graph, *cell, &mut pending),
                Node::Delayed { history, .. } if !live.histories[history.position()] => {
                    live.histories[history.position()] = true;
                    pending.push(graph.histories[history.position()]);
                }
                _ => {}
            }
        }
        live
    }

    fn cell(&mut self, graph: &Graph, cell: CellId, pending: &mut Vec<NodeId>) {
        if !std::mem::replace(&mut self.cells[cell.position()], true) {
            let cell = &graph.cells[cell.position()];
            pending.extend([cell.initial, cell.next]);
        }
    }
}
