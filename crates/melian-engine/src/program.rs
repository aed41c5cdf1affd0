//! Instructions over registers, and how they print.
