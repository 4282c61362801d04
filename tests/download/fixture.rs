//! A directory with files, and a server that sends them.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_charter::download::{Download, Root};
use actix_test::{TestServer, TestServerConfig};
use actix_web::{App, FromRequest, HttpRequest, web};
use tempfile::TempDir;

pub(crate) const HELLO: &str = "Hello, world!";
pub(crate) const MODIFIED: &str = "Tue, 02 Jan 2024 03:04:05 GMT";
pub(crate) const EARLIER: &str = "Tue, 02 Jan 2024 03:04:04 GMT";
pub(crate) const LATER: &str = "Tue, 02 Jan 2024 03:04:06 GMT";

pub(crate) fn modified() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_704_164_645)
}

pub(crate) struct Files {
    directory: TempDir,
    pub(crate) root: Root,
}

impl Files {
    /// `hello.txt`, 13 bytes, modified at [`MODIFIED`].
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = Root::new(directory.path()).unwrap();
        let files = Self { directory, root };
        files.write("hello.txt", HELLO);
        files
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified()).unwrap();
        path
    }

    /// A server that sends the files by their names.
    pub(crate) fn serve(&self) -> TestServer {
        self.serve_as(|download| download)
    }

    /// A server of one worker.
    pub(crate) fn serve_as(
        &self,
        with: impl Fn(Download) -> Download + Clone + Send + 'static,
    ) -> TestServer {
        let root = self.root.clone();
        serve(move |request| with(Download::path(&root, name(&request))))
    }
}

/// The path, decoded once, as a handler's `web::Path` has it. (`match_info()` leaves `%25`, `%2F` and `%2B` encoded.)
pub(crate) fn name(request: &HttpRequest) -> String {
    web::Path::<String>::extract(request).into_inner().unwrap().into_inner()
}

/// A server of one worker that answers everything with what `make` makes.
pub(crate) fn serve(make: impl Fn(HttpRequest) -> Download + Clone + Send + 'static) -> TestServer {
    actix_test::start_with(TestServerConfig::default().workers(1), move || {
        let make = make.clone();
        App::new().default_service(web::to(async || "no such route")).route(
            "/{name:.*}",
            web::route().to(move |request: HttpRequest| {
                let download = make(request);
                async move { download }
            }),
        )
    })
}
