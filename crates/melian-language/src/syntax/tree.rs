//! The tree of a file: everything written, comments and errors too.

use rowan::{GreenNode, NodeOrToken};

use super::kind::Node;

/// A lossless tree: its text is the text that was parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    green: GreenNode,
}

impl Tree {
    pub(super) fn new(green: GreenNode) -> Tree {
        Tree { green }
    }

    /// Returns the node of the whole file.
    pub fn root(&self) -> Node {
        Node::new_root(self.green.clone())
    }

    /// Returns the text that was parsed.
    pub fn text(&self) -> String {
        self.root().text().to_string()
    }

    /// Prints nodes and tokens, one a line, indented, with their ranges of bytes.
    pub fn dump(&self) -> String {
        let mut out = String::new();
        let mut depth = 0;
        for event in self.root().preorder_with_tokens() {
            match event {
                rowan::WalkEvent::Enter(element) => {
                    let range = element.text_range();
                    let (start, end) = (u32::from(range.start()), u32::from(range.end()));
                    out.push_str(&format!(
                        "{:1$}{2:?} {start}..{end}",
                        "",
                        depth * 2,
                        element.kind()
                    ));
                    if let NodeOrToken::Token(token) = &element {
                        out.push_str(&format!(" {:?}", token.text()));
                    }
                    out.push('\n');
                    depth += 1;
                }
                rowan::WalkEvent::Leave(_) => depth -= 1,
            }
        }
        out
    }
}
