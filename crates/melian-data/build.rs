//! Lists the shipped models for embedding.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let models = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo names the crate's folder"))
        .join("../../models");
    println!("cargo::rerun-if-changed={}", models.display());
    let mut list = String::from("&[\n");
    for folder in sorted(&models)? {
        let files: Vec<PathBuf> = if folder.is_dir() {
            sorted(&folder)?
        } else {
            continue;
        };
        if !files
            .iter()
            .any(|file| file.extension().is_some_and(|extension| extension == "mel"))
        {
            continue;
        }
        writeln!(list, "  Shipped {{ name: {:?}, files: &[", name(&folder)).expect("text grows");
        for file in files.iter().filter(|file| file.is_file()) {
            writeln!(
                list,
                "    ({:?}, include_str!({:?})),",
                name(file),
                file.canonicalize()?
            )
            .expect("text grows");
        }
        list.push_str("  ] },\n");
    }
    list.push(']');
    fs::write(
        Path::new(&env::var("OUT_DIR").expect("cargo names the output folder")).join("shipped.rs"),
        list,
    )
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
