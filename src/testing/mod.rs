//! What users test with.
