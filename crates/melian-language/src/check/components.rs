//! Parts of a graph that lead back to themselves.

/// Returns the strongly connected components of a graph, given by the successors of each node: a component comes after all that it
/// leads to. Without recursion, so that long chains cannot exhaust the stack.
///
/// # Source
/// Tarjan (1972), Depth-first search and linear graph algorithms, SIAM Journal on Computing 1(2), 146-160.
pub(super) fn components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut search = Search {
        edges,
        number: vec![None; edges.len()],
        lowest: vec![0; edges.len()],
        open: vec![false; edges.len()],
        stack: Vec::new(),
        count: 0,
        found: Vec::new(),
    };
    for node in 0..edges.len() {
        if search.number[node].is_none() {
            search.from(node);
        }
    }
    search.found
}

/// Returns whether a component has a cycle.
pub(super) fn leads_back(component: &[usize], edges: &[Vec<usize>]) -> bool {
    match component {
        [node] => edges[*node].contains(node),
        _ => true,
    }
}

struct Search<'e> {
    edges: &'e [Vec<usize>],
    /// In which order nodes were met.
    number: Vec<Option<usize>>,
    /// The earliest open node that a node is known to reach.
    lowest: Vec<usize>,
    open: Vec<bool>,
    stack: Vec<usize>,
    count: usize,
    found: Vec<Vec<usize>>,
}

impl Search<'_> {
    fn from(&mut self, start: usize) {
        let mut path: Vec<(usize, usize)> = vec![(start, 0)];
        self.enter(start);
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(&successor) = self.edges[node].get(*next) else {
                path.pop();
                self.leave(node);
                if let Some((above, _)) = path.last() {
                    self.lowest[*above] = self.lowest[*above].min(self.lowest[node]);
                }
                continue;
            };
            *next += 1;
            match self.number[successor] {
                None => {
                    self.enter(successor);
                    path.push((successor, 0));
                }
                Some(number) if self.open[successor] => self.lowest[node] = self.lowest[node].min(number),
                Some(_) => {}
            }
        }
    }

    fn enter(&mut self, node: usize) {
        self.number[node] = Some(self.count);
        self.lowest[node] = self.count;
        self.open[node] = true;
        self.stack.push(node);
        self.count += 1;
    }

    fn leave(&mut self, node: usize) {
        if self.number[node] != Some(self.lowest[node]) {
            return;
        }
        let mut component = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.open[member] = false;
            component.push(member);
            if member == node {
                break;
            }
        }
        self.found.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_back_is_one_component_and_comes_after_what_it_leads_to() {
        let edges = vec![vec![1], vec![2], vec![1, 3], vec![], vec![4]];
        let mut found = components(&edges);
        found.iter_mut().for_each(|component| component.sort_unstable());
        assert_eq!(found, [vec![3], vec![1, 2], vec![0], vec![4]]);
        let cyclic: Vec<bool> = found
            .iter()
            .map(|component| leads_back(component, &edges))
            .collect();
        assert_eq!(cyclic, [false, true, false, true]);
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let edges: Vec<Vec<usize>> = (0..300_000).map(|node| vec![(node + 1) % 300_000]).collect();
        assert_eq!(components(&edges).len(), 1);
    }
}
