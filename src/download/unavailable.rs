use std::io;

/// Why a file cannot be sent. Says nothing about paths, and nothing that the system said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, derive_more::Display, derive_more::Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// There is no such file, or none that may be sent; which of the two is nobody's business.
    #[display("there is no such file")]
    Missing,
    /// It is there, and the application may not read it: only of a root that
    /// [says so](super::Root::unreadable_is_forbidden).
    #[display("the file may not be read")]
    Forbidden,
    /// The system cannot open or read it just now: too many open files, a broken disk.
    #[display("the file cannot be opened")]
    Failed,
    /// The place where it lies refuses it, does not answer, or answers nonsense.
    #[display("the place where the file lies does not give it")]
    Upstream,
    /// The place where it lies does not answer in time.
    #[display("the place where the file lies does not answer in time")]
    Timeout,
}

impl From<io::Error> for Unavailable {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as Kind;
        match error.kind() {
            // To clients as if it were not there; to whoever runs the application it is a fault to mend.
            Kind::PermissionDenied => {
                tracing::warn!(target: "actix_charter::download", %error, "a file is there and may not be read");
                Self::Missing
            }
            Kind::NotFound
            | Kind::NotADirectory
            | Kind::IsADirectory
            | Kind::InvalidInput
            | Kind::InvalidFilename
            | Kind::CrossesDevices => Self::Missing,
            _ if is_no_file(&error) => Self::Missing,
            _ => {
                tracing::error!(target: "actix_charter::download", %error, "a file cannot be opened");
                Self::Failed
            }
        }
    }
}

/// A loop of links, and what opening a socket or a device without a driver gives. Std has no stable names for them.
#[cfg(unix)]
fn is_no_file(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    matches!(errno, Some(Errno::LOOP | Errno::NXIO | Errno::NODEV))
}

#[cfg(not(unix))]
fn is_no_file(_: &io::Error) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn what_is_not_there_is_told_from_what_is_broken() {
        for missing in [
            Errno::NOENT,
            Errno::ACCESS,
            Errno::NOTDIR,
            Errno::LOOP,
            Errno::NAMETOOLONG,
            Errno::XDEV,
            Errno::NXIO,
        ] {
            assert_eq!(Unavailable::from(io::Error::from(missing)), Unavailable::Missing, "{missing}");
        }
        for failed in [Errno::MFILE, Errno::NFILE, Errno::IO, Errno::NOMEM] {
            assert_eq!(Unavailable::from(io::Error::from(failed)), Unavailable::Failed, "{failed}");
        }
    }
}
