//! Drops what nothing reads.

use crate::expand::nodes::operands;
use crate::graph::{CellId, Graph, HistoryId, Node, NodeId, WorldOutputs};

/// Returns the graph without nodes, cells and histories on which no output depends. A watch stays while its node does; one on a
/// constant stays too, since it costs nothing and what it counts is so in every future.
pub(super) fn sweep(graph: &Graph) -> Graph {
    let live = Live::of(graph);
    let (node_ids, nodes) = kept(&live.nodes, &graph.nodes, NodeId);
    let (cell_ids, cells) = kept(&live.cells, &graph.cells, CellId);
    let (history_ids, histories) = kept(&live.histories, &graph.histories, HistoryId);
    let node = |id: NodeId| node_ids[id.position()];
    let cell = |id: CellId| cell_ids[id.position()];
    let each = |list: &[NodeId]| list.iter().map(|&id| node(id)).collect();
    Graph {
        nodes: nodes
            .map(|old| match old.mapped(node) {
                Node::Cell(id) => Node::Cell(cell(id)),
                Node::Delayed { history, lag, before } => Node::Delayed {
                    history: history_ids[history.position()],
                    lag,
                    before,
                },
                mapped => mapped,
            })
            .collect(),
        cells: cells.map(|old| old.mapped(node)).collect(),
        histories: histories.map(|&recorded| node(recorded)).collect(),
        watches: graph
            .watches
            .iter()
            .filter(|watch| live.nodes[watch.node.position()])
            .map(|watch| crate::graph::Watch {
                node: node(watch.node),
                ..watch.clone()
            })
            .collect(),
        worlds: graph
            .worlds
            .iter()
            .map(|world| WorldOutputs {
                series: each(&world.series),
                measures: world.measures.iter().map(|&id| cell(id)).collect(),
                choices: each(&world.choices),
                events: each(&world.events),
            })
            .collect(),
    }
}

/// Returns new ids for what is kept, and what is kept.
fn kept<'a, T, Id: Copy>(
    keep: &'a [bool],
    all: &'a [T],
    id: impl Fn(u32) -> Id,
) -> (Vec<Id>, impl Iterator<Item = &'a T>) {
    let mut next = 0;
    let ids = keep
        .iter()
        .map(|&keep| {
            let here = id(next);
            next += u32::from(keep);
            here
        })
        .collect();
    (
        ids,
        all.iter()
            .zip(keep)
            .filter(|(_, keep)| **keep)
            .map(|(item, _)| item),
    )
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
            pending.extend(operands(node));
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
