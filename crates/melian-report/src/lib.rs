//! Shows answers as one self-contained page.
//!
//! [`data::Report`] is everything there is to show, as plain data. The page is one HTML file built from TypeScript in `web/`; the report
//! is embedded in it as JSON.

pub mod data;
