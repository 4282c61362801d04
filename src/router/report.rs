use std::fmt;

/// Everything that is wrong with a router, told at once when it is mounted.
///
/// ```
/// use actix_charter::prelude::*;
/// struct Twice;
/// #[controller]
/// impl Twice {
///     #[get("/a/{x}")]
///     fn one(&self) -> NoContent { NoContent }
/// }
/// let router = Router::new("/api").controller(Twice).controller(Twice);
/// let report = router.check().unwrap_err().to_string();
/// assert!(report.contains("GET /api/a/{x} is declared twice"), "{report}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountErrors {
    /// What cannot be mounted.
    what: &'static str,
    faults: Vec<String>,
}

const ROUTER: &str = "the router";

impl MountErrors {
    pub(crate) fn from_faults(faults: Vec<String>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self { what: ROUTER, faults }) }
    }

    /// What a document says about itself.
    #[cfg(feature = "testing")]
    pub(crate) fn of(faults: impl IntoIterator<Item = impl fmt::Display>) -> Self {
        Self { what: ROUTER, faults: faults.into_iter().map(|fault| fault.to_string()).collect() }
    }

    pub(crate) fn one(fault: String) -> Self {
        Self { what: ROUTER, faults: vec![fault] }
    }

    #[cfg(feature = "live")]
    pub(crate) fn of_channels(faults: Vec<String>) -> Self {
        Self { what: "the live channels", faults }
    }

    /// One sentence a fault.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().map(String::as_str)
    }
}

impl fmt::Display for MountErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.faults.len();
        let faults = if count == 1 { "fault" } else { "faults" };
        write!(f, "{} cannot be mounted, {count} {faults}:", self.what)?;
        for fault in &self.faults {
            write!(f, "\n  - {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for MountErrors {}
