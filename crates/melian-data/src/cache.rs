//! The user's cache: what runs have answered, and what unfinished runs have done.
//!
//! It is `$MELIAN_CACHE` if that is set, else `melian` in the user's cache folder. Answers lie in `answers`, a file each, parts of unfinished
//! runs in `runs`, a folder each ([`Parts`]). Files are there whole or not at all and carry checksums, so processes need not wait for each other.

use std::cell::RefCell;
use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use melian_language::files::Files;

use crate::error::Error;
use crate::parts::Parts;
use crate::seal::{SEAL, seal, unseal};
use crate::write::{sweep, write_soon};

/// What the cache may hold before its oldest entries go, in bytes. A choice by judgement: some hundred answers of a large model and a few unfinished runs,
/// and little on a disk of today.
pub const CACHE_BYTES: u64 = 2_000_000_000;

/// What a file of an answer begins with, sealed; the number is raised when what follows changes: a line with the second in which it was made and what it is about, and the
/// text, compressed.
const MAGIC: &[u8] = b"melian answer 2\n";

/// How the name of an answer ends.
const EXTENSION: &str = "answer";

/// The user's cache.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// What lies in the cache.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its file or folder.
    pub path: PathBuf,
    /// What it is.
    pub kind: Kind,
    /// Of what, in words.
    pub about: String,
    /// Bytes on disk.
    pub bytes: u64,
    /// When it was last used.
    pub used: SystemTime,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The answer of a run.
    Answer,
    /// Parts of a run that was not finished.
    Unfinished,
    /// Parts of a run that is under way.
    Running,
}

impl Cache {
    /// Names the user's cache; none if there is no place for it.
    pub fn of_user() -> Option<Cache> {
        let named = |variable: &str| {
            env::var_os(variable)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        if let Some(folder) = named("MELIAN_CACHE") {
            return Some(Cache { folder });
        }
        let user = if cfg!(windows) {
            named("LOCALAPPDATA")?
        } else if cfg!(target_os = "macos") {
            env::home_dir()?.join("Library/Caches")
        } else {
            named("XDG_CACHE_HOME").or_else(|| Some(env::home_dir()?.join(".cache")))?
        };
        Some(Cache {
            folder: user.join("melian"),
        })
    }

    /// Takes a folder as the cache.
    pub fn within(folder: &Path) -> Cache {
        Cache {
            folder: folder.to_owned(),
        }
    }

    /// Returns where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Names the place of parts that outlive a run.
    pub fn parts(&self, run: &str) -> Parts {
        Parts::within(&self.folder.join("runs").join(run))
    }

    /// Returns the text that was kept under a key, and when it was made; none if there is none.
    ///
    /// # Errors
    /// It cannot be read or is not what was written; then it is removed, so that nobody meets it again.
    pub fn answer(&self, key: &str) -> Result<Option<(String, SystemTime)>, Error> {
        let path = self.path(key);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::unreadable(&path, &error)),
        };
        let Some(found) = text_of(&bytes) else {
            let _ = fs::remove_file(&path);
            return Err(Error::Damaged(path));
        };
        // Those that are used stay longest.
        if let Ok(file) = File::options().append(true).open(&path) {
            let _ = file.set_modified(SystemTime::now());
        }
        Ok(Some(found))
    }

    /// Keeps a text under a key, and removes the oldest entries if the cache is larger than [`CACHE_BYTES`].
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, key: &str, about: &str, text: &str) -> Result<(), Error> {
        let made = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let head = format!(
            "{} {}\n",
            made.unwrap_or_default().as_secs(),
            about.replace('\n', " ")
        );
        let content = [head.as_bytes(), &lz4_flex::compress_prepend_size(text.as_bytes())].concat();
        // A power cut may lose it, which costs a run; the seal tells.
        write_soon(&self.path(key), &seal(MAGIC, &content))?;
        self.trim(CACHE_BYTES, None)?;
        Ok(())
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join("answers").join(key).with_extension(EXTENSION)
    }

    /// Returns what lies there, what was used last first.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn entries(&self) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::new();
        for path in list(&self.folder.join("answers"))? {
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            // What another process has removed meanwhile is not there.
            let Ok(there) = fs::metadata(&path) else { continue };
            entries.push(Entry {
                kind: Kind::Answer,
                about: about(&path).unwrap_or_else(|| "damaged".to_owned()),
                bytes: there.len(),
                used: there.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                path,
            });
        }
        for path in list(&self.folder.join("runs"))? {
            let files: Vec<fs::Metadata> = (list(&path).unwrap_or_default().iter())
                .filter_map(|file| fs::metadata(file).ok())
                .collect();
            let used = files.iter().filter_map(|file| file.modified().ok()).max();
            let parts = Parts::within(&path);
            entries.push(Entry {
                kind: if parts.is_claimed() {
                    Kind::Running
                } else {
                    Kind::Unfinished
                },
                about: parts.about().unwrap_or_else(|| "an unknown run".to_owned()),
                bytes: files.iter().map(fs::Metadata::len).sum(),
                used: used.unwrap_or(SystemTime::UNIX_EPOCH),
                path,
            });
        }
        entries.sort_by(|a, b| b.used.cmp(&a.used).then_with(|| a.path.cmp(&b.path)));
        Ok(entries)
    }

    /// Removes entries until no more bytes are left, and those that were not used since a moment, the oldest first; returns what was removed. Parts of a run
    /// that is under way stay.
    ///
    /// # Errors
    /// A folder cannot be read.
    pub fn trim(&self, bytes: u64, unused_since: Option<SystemTime>) -> Result<Vec<Entry>, Error> {
        sweep(&self.folder.join("answers"));
        let mut removed = Vec::new();
        let mut left = 0;
        for entry in self.entries()? {
            let is_old = unused_since.is_some_and(|moment| entry.used < moment);
            if entry.kind != Kind::Running && (is_old || left + entry.bytes > bytes) {
                let gone = match entry.kind {
                    Kind::Answer => fs::remove_file(&entry.path).is_ok(),
                    _ => Parts::within(&entry.path).clear_unclaimed(),
                };
                if gone {
                    removed.push(entry);
                    continue;
                }
            }
            left += entry.bytes;
        }
        Ok(removed)
    }
}

/// Returns the paths in a folder; none if there is no folder.
fn list(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let wrong = |error: io::Error| Error::unreadable(folder, &error);
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(wrong)?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(wrong(error)),
    }
}

/// Returns the text of an answer, and when it was made.
fn text_of(bytes: &[u8]) -> Option<(String, SystemTime)> {
    let content = unseal(MAGIC, bytes)?;
    let (made, _, text) = parts_of(content)?;
    let text = String::from_utf8(lz4_flex::decompress_size_prepended(text).ok()?).ok()?;
    Some((text, SystemTime::UNIX_EPOCH.checked_add(made)?))
}

/// Returns what a file of an answer is about, from its beginning.
fn about(path: &Path) -> Option<String> {
    const LONGEST: u64 = 1 << 12;
    let mut head = Vec::new();
    File::open(path).ok()?.take(LONGEST).read_to_end(&mut head).ok()?;
    let (_, about, _) = parts_of(head.strip_prefix(MAGIC)?.get(SEAL..)?)?;
    Some(about.to_owned())
}

/// Returns the second in which an answer was made, what it is about, and the rest.
fn parts_of(content: &[u8]) -> Option<(Duration, &str, &[u8])> {
    let end = content.iter().position(|&byte| byte == b'\n')?;
    let (made, about) = std::str::from_utf8(&content[..end]).ok()?.split_once(' ')?;
    Some((
        Duration::from_secs(made.parse().ok()?),
        about,
        &content[end + 1..],
    ))
}

/// A key: a hash of all that an answer depends on.
#[derive(Clone, Debug, Default)]
pub struct Key(blake3::Hasher);

impl Key {
    /// Adds something, apart from all that is added before and after.
    pub fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes()).update(part);
    }

    /// Adds the program that runs: its file's size and moment, which a new build changes. Returns whether it could be known.
    pub fn add_program(&mut self) -> bool {
        let file = env::current_exe().and_then(fs::metadata);
        let Ok((bytes, Ok(built))) = file.map(|file| (file.len(), file.modified())) else {
            return false;
        };
        self.add(&bytes.to_le_bytes());
        let built = built.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.add(&built.as_nanos().to_le_bytes());
        true
    }

    /// Returns the name of what the last run of a model answered, by where the model lies.
    pub fn of_last_run(model: &str, place: &str) -> String {
        let mut key = Key::default();
        for part in ["last run", model, place] {
            key.add(part.as_bytes());
        }
        key.name()
    }

    /// Returns its name.
    pub fn name(&self) -> String {
        self.0.finalize().to_hex()[..32].to_owned()
    }
}

/// Files whose texts go into a key as they are read.
pub struct Heard<'a> {
    files: &'a dyn Files,
    key: RefCell<Key>,
}

impl<'a> Heard<'a> {
    /// Listens to what is read.
    pub fn new(files: &'a dyn Files) -> Heard<'a> {
        Heard {
            files,
            key: RefCell::default(),
        }
    }

    /// Returns the key of all that was read.
    pub fn into_key(self) -> Key {
        self.key.into_inner()
    }

    fn note(&self, what: &str, said: &str) {
        let mut key = self.key.borrow_mut();
        key.add(what.as_bytes());
        key.add(said.as_bytes());
    }
}

impl Files for Heard<'_> {
    fn models(&self) -> Vec<String> {
        let names = self.files.models();
        names.iter().for_each(|name| self.note("model", name));
        names
    }

    fn text(&self, name: &str) -> Result<String, String> {
        let text = self.files.text(name);
        self.note(name, text.as_ref().unwrap_or_else(|why| why));
        text
    }

    fn has(&self, name: &str) -> bool {
        let has = self.files.has(name);
        self.note(name, if has { "there" } else { "not there" });
        has
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn kept(texts: &[(&str, usize)]) -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cache = Cache::within(folder.path());
        for (age, (key, length)) in texts.iter().rev().enumerate() {
            // Bytes that no compression makes fewer.
            let mut noise = blake3::Hasher::new();
            noise.update(key.as_bytes());
            let mut bytes = vec![0; *length / 2];
            noise.finalize_xof().fill(&mut bytes);
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            cache
                .keep(key, &format!("about {key}"), &text)
                .expect("it is kept");
            let moment = SystemTime::now() - Duration::from_secs(60 * age as u64);
            let file = File::options()
                .append(true)
                .open(cache.path(key))
                .expect("it is there");
            file.set_modified(moment).expect("it can be aged");
        }
        (folder, cache)
    }

    fn names(cache: &Cache) -> Vec<String> {
        let entries = cache.entries().expect("a folder");
        entries.into_iter().map(|entry| entry.about).collect()
    }

    #[test]
    fn an_answer_is_read_as_it_was_kept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cache = Cache::within(folder.path());
        assert_eq!(cache.answer("k").expect("nothing is no error"), None);
        cache.keep("k", "of k", "first").expect("it is kept");
        cache.keep("k", "of k", "second").expect("it is replaced");
        for _ in 0..2 {
            let (text, made) = cache.answer("k").expect("it is sound").expect("it is there");
            assert_eq!(text, "second");
            // To the second, and use does not change it.
            let age = made.elapsed().expect("it lies in the past");
            assert!(age < Duration::from_secs(60), "{age:?}");
        }
        assert_eq!(names(&cache), ["of k"]);
    }

    #[test]
    fn no_damaged_answer_is_given_and_none_is_met_twice() {
        let (_folder, cache) = kept(&[("k", 2_000)]);
        let path = cache.path("k");
        let bytes = fs::read(&path).expect("it is there");
        for at in (0..bytes.len()).step_by(37) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            for damaged in [&flipped[..], &bytes[..at]] {
                fs::write(&path, damaged).expect("it can be harmed");
                let error = cache.answer("k").expect_err("it is damaged").to_string();
                assert!(error.contains("is damaged"), "{error}");
                assert_eq!(cache.answer("k").expect("it is gone"), None);
            }
        }
    }

    #[test]
    fn the_oldest_go_first_and_what_was_used_is_young_again() {
        let (_folder, cache) = kept(&[("old", 10_000), ("middle", 10_000), ("young", 10_000)]);
        assert_eq!(names(&cache), ["about young", "about middle", "about old"]);
        cache.answer("old").expect("it is sound");
        assert_eq!(names(&cache), ["about old", "about young", "about middle"]);
        let removed = cache.trim(25_000, None).expect("a folder");
        assert_eq!(removed.len(), 1);
        assert_eq!(names(&cache), ["about old", "about young"]);
        cache
            .trim(u64::MAX, Some(SystemTime::now() - Duration::from_secs(30)))
            .expect("a folder");
        assert_eq!(names(&cache), ["about old", "about young"]);
        cache.trim(0, None).expect("a folder");
        assert_eq!(names(&cache), Vec::<String>::new());
    }

    #[test]
    fn parts_of_a_run_under_way_stay_and_of_a_dead_one_go() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cache = Cache::within(folder.path());
        let parts = cache.parts("run");
        let claim = parts.claim("of a run").expect("a folder").expect("nobody has it");
        parts.keep("00000-00064", b"part").expect("it is kept");
        assert_eq!(cache.trim(0, None).expect("a folder"), []);
        assert_eq!(cache.entries().expect("a folder")[0].kind, Kind::Running);
        drop(claim);
        let removed = cache.trim(0, None).expect("a folder");
        assert_eq!(
            (removed[0].kind, removed[0].about.as_str()),
            (Kind::Unfinished, "of a run")
        );
        assert!(!folder.path().join("runs/run").exists());
    }

    #[test]
    fn keys_differ_with_every_text_that_is_read() {
        let key = |text: &str| {
            let files = BTreeMap::from([("m.mel".to_owned(), text.to_owned())]);
            let heard = Heard::new(&files);
            heard.models();
            let _ = heard.text("m.mel");
            let _ = heard.text("facts.toml");
            heard.into_key().name()
        };
        assert_eq!(key("one"), key("one"));
        assert_ne!(key("one"), key("two"));
        let last = |model, place| Key::of_last_run(model, place);
        assert_eq!(last("m", "/mine"), last("m", "/mine"));
        assert_ne!(last("m", "/mine"), last("m", "/yours"));
        assert_ne!(last("m", "/mine"), last("m/", "mine"));
    }
}
