//! Shows answers as one self-contained page.
//!
//! [`data::Report`] is everything there is to show, as plain data. [`page`] embeds it in one HTML file that is built from TypeScript in
//! `web/` and committed as `assets/page.html`.

pub mod changes;
mod comments;
mod comparison;
pub mod compose;
pub mod data;
mod difference;
pub mod evidence;
mod explanation;
mod page;

pub use changes::{changes, remembered};
pub use compose::{Compared, Info, Run, Swept, TakenApart, compose, headlines_of, last_day, unit_text};
pub use difference::difference;
pub use explanation::{Told, explanation};
pub use page::page;
