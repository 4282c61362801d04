use std::{borrow::Cow, path::PathBuf};

use actix_web::web;

use crate::request::Call;

const KIB: usize = 1024;
const MIB: u64 = 1024 * 1024;

/// How much a `multipart/form-data` body may hold. What is over a limit is answered with 413.
///
/// Give it to [`Options::multipart`](crate::endpoint::Options::multipart), for an endpoint, a controller or a router; or to Actix as
/// `app_data`, which counts where no layer says anything.
///
/// The rest of a body that was refused is not read by this crate. Over HTTP/1, Actix answers and then closes a connection whose body has a
/// `Content-Length`; a chunked body it reads to its end, whatever its length, and throws away.
///
/// ```
/// use actix_charter::request::MultipartLimits;
/// use actix_web::App;
///
/// let limits = MultipartLimits::new().total(200 * 1024 * 1024).files(5);
/// let app = App::new().app_data(limits);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultipartLimits {
    pub(super) total: u64,
    pub(super) text_field: usize,
    pub(super) parts: usize,
    pub(super) files: usize,
    pub(super) memory_per_file: usize,
    pub(super) part_headers: usize,
    pub(super) spool_directory: Option<PathBuf>,
}

impl MultipartLimits {
    /// The limits that hold when none are given.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            total: 50 * MIB,
            text_field: 64 * KIB,
            parts: 100,
            files: 20,
            memory_per_file: 64 * KIB,
            part_headers: 8 * KIB,
            spool_directory: None,
        }
    }

    /// The most bytes the whole body may have, boundaries included. Default: 50 MiB.
    #[must_use]
    pub fn total(mut self, bytes: u64) -> Self {
        self.total = bytes;
        self
    }

    /// The most bytes one text field may have. Default: 64 KiB.
    #[must_use]
    pub fn text_field(mut self, bytes: usize) -> Self {
        self.text_field = bytes;
        self
    }

    /// The most parts, text and files together. Default: 100.
    #[must_use]
    pub fn parts(mut self, count: usize) -> Self {
        self.parts = count;
        self
    }

    /// The most files, all fields together. Default: 20.
    #[must_use]
    pub fn files(mut self, count: usize) -> Self {
        self.files = count;
        self
    }

    /// How many bytes of each file are kept in memory; a larger file is spooled to disk. Default: 64 KiB.
    #[must_use]
    pub fn memory_per_file(mut self, bytes: usize) -> Self {
        self.memory_per_file = bytes;
        self
    }

    /// The most bytes the headers of one part may have. Default: 8 KiB; more than 64 KiB cannot be read in any case.
    #[must_use]
    pub fn part_headers(mut self, bytes: usize) -> Self {
        self.part_headers = bytes;
        self
    }

    /// Where files are spooled. Default: the system's directory for temporary files, which may lie in memory (`tmpfs`).
    #[must_use]
    pub fn spool_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.spool_directory = Some(directory.into());
        self
    }

    /// The limits in force: those of the endpoint's layers, else those in Actix's application data, else the defaults.
    pub(super) fn of(call: &Call) -> Cow<'_, Self> {
        static DEFAULT: MultipartLimits = MultipartLimits::new();
        if let Some(limits) = &call.reading.multipart {
            return Cow::Borrowed(limits);
        }
        let request = &call.request;
        let limits = request
            .app_data::<Self>()
            .or_else(|| request.app_data::<web::Data<Self>>().map(|data| data.as_ref()))
            .unwrap_or(&DEFAULT);
        match call.reading.explicit_body_limit.map(|limit| limit as u64) {
            Some(limit) if limit < limits.total => Cow::Owned(limits.clone().total(limit)),
            _ => Cow::Borrowed(limits),
        }
    }
}

impl Default for MultipartLimits {
    fn default() -> Self {
        Self::new()
    }
}
