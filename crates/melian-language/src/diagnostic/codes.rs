//! Every code with its page: why, a wrong model, a right one. The pages are tests and part of the book.

/// Codes and pages, in order.
pub const PAGES: &[(&str, &str)] = &[
    ("E0201", include_str!("E0201.md")),
    ("E0202", include_str!("E0202.md")),
    ("E0203", include_str!("E0203.md")),
    ("E0204", include_str!("E0204.md")),
    ("E0205", include_str!("E0205.md")),
    ("E0206", include_str!("E0206.md")),
    ("E0207", include_str!("E0207.md")),
    ("E0301", include_str!("E0301.md")),
    ("E0302", include_str!("E0302.md")),
    ("E0303", include_str!("E0303.md")),
    ("E0304", include_str!("E0304.md")),
    ("E0305", include_str!("E0305.md")),
    ("E0306", include_str!("E0306.md")),
    ("E0307", include_str!("E0307.md")),
    ("E0401", include_str!("E0401.md")),
    ("E0402", include_str!("E0402.md")),
    ("E0403", include_str!("E0403.md")),
    ("E0404", include_str!("E0404.md")),
    ("E0501", include_str!("E0501.md")),
    ("E0502", include_str!("E0502.md")),
    ("E0503", include_str!("E0503.md")),
    ("E0504", include_str!("E0504.md")),
    ("E0505", include_str!("E0505.md")),
    ("E0506", include_str!("E0506.md")),
    ("E0507", include_str!("E0507.md")),
    ("E0601", include_str!("E0601.md")),
    ("E0602", include_str!("E0602.md")),
    ("E0603", include_str!("E0603.md")),
    ("E0604", include_str!("E0604.md")),
    ("E0605", include_str!("E0605.md")),
    ("E0606", include_str!("E0606.md")),
    ("E0701", include_str!("E0701.md")),
    ("E0702", include_str!("E0702.md")),
    ("E0703", include_str!("E0703.md")),
    ("E0704", include_str!("E0704.md")),
    ("E0705", include_str!("E0705.md")),
    ("E0706", include_str!("E0706.md")),
    ("E0708", include_str!("E0708.md")),
    ("E0709", include_str!("E0709.md")),
    ("E0801", include_str!("E0801.md")),
    ("E0802", include_str!("E0802.md")),
    ("E0803", include_str!("E0803.md")),
    ("E0804", include_str!("E0804.md")),
    ("W1001", include_str!("W1001.md")),
    ("W1002", include_str!("W1002.md")),
    ("W1003", include_str!("W1003.md")),
];

/// Returns the page of a code.
pub fn page(code: &str) -> Option<&'static str> {
    PAGES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, page)| *page)
}
