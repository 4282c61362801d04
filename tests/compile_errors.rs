//! What the compiler says of wrong declarations. `tests/ui/README.md` tells how to add a case.

#[test]
#[cfg(all(feature = "validator", feature = "garde"))]
fn derives() {
    trybuild::TestCases::new().compile_fail("tests/ui/derive/*.rs");
}

#[test]
#[cfg(not(feature = "garde"))]
fn derives_without_garde() {
    trybuild::TestCases::new().compile_fail("tests/ui/derive/off/garde.rs");
}

#[test]
#[cfg(not(feature = "validator"))]
fn derives_without_validator() {
    trybuild::TestCases::new().compile_fail("tests/ui/derive/off/validator.rs");
}

#[test]
#[cfg(all(feature = "validator", feature = "garde", feature = "multipart"))]
fn controllers() {
    trybuild::TestCases::new().compile_fail("tests/ui/controller/*.rs");
}

#[test]
#[cfg(all(feature = "live", feature = "validator", feature = "garde", feature = "multipart"))]
fn channels() {
    trybuild::TestCases::new().compile_fail("tests/ui/channel/*.rs");
}
