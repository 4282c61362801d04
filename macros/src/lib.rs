//! The macros of actix-charter. Use them through `actix_charter`.
