//! Shows answers as one self-contained page.
//!
//! [`data::Report`] is everything there is to show, as plain data. [`page`] embeds it in one HTML file that is built from TypeScript in
//! `web/` and committed as `assets/page.html`.

pub mod data;
mod page;

pub use page::page;
