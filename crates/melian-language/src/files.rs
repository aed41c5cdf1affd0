//! Where text and tables come from. The language does no input or output: whoever calls it brings the files.

use std::collections::BTreeMap;

/// The files of a model folder.
pub trait Files {
    /// Returns the names of all `.mel` files, sorted.
    fn models(&self) -> Vec<String>;

    /// Returns the text of a file by its name relative to the folder.
    ///
    /// # Errors
    /// Says in words why the text cannot be had: missing, unreadable, not UTF-8, too large.
    fn text(&self, name: &str) -> Result<String, String>;

    /// Returns whether there is such a file, readable or not.
    fn has(&self, name: &str) -> bool {
        self.text(name).is_ok()
    }
}

/// Files in memory.
impl Files for BTreeMap<String, String> {
    fn models(&self) -> Vec<String> {
        self.keys()
            .filter(|name| name.ends_with(".mel"))
            .cloned()
            .collect()
    }

    fn text(&self, name: &str) -> Result<String, String> {
        self.get(name)
            .cloned()
            .ok_or_else(|| format!("there is no file `{name}` in the model folder"))
    }
}
