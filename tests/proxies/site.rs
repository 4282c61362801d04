//! The application behind the server, and its files.

use std::{
    ffi::OsStr,
    fs,
    net::SocketAddr,
    num::NonZeroU64,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, UNIX_EPOCH},
};

use actix_charter::download::offload::{Offload, OffloadFile};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, IF_NONE_MATCH},
    },
    rt, web,
};
use tempfile::TempDir;

/// When every file was changed last.
pub(crate) const MODIFIED: &str = "Tue, 02 Jan 2024 03:04:05 GMT";
/// Where `Offload::check` asks, and what it says.
pub(crate) const PROBE: &str = "/.offload-check";
pub(crate) const TOKEN: &str = "0123456789abcdef";
const MODIFIED_SECONDS: u64 = 1_704_164_645;

/// One path of the application: the file that it sends, and the answer around it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// Below the root, or wherever it leads.
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) rate_limit: Option<NonZeroU64>,
}

impl Case {
    /// A file of this name whose answer has all that a download has.
    pub(crate) fn new(name: impl AsRef<[u8]>) -> Self {
        let name = name.as_ref().to_vec();
        let content = [b"The file named ", &name[..], b": \0\xff\r\n and its end."].concat();
        let headers = vec![
            ("content-type", "text/plain; charset=utf-8".to_owned()),
            ("content-disposition", "attachment; filename=\"report.txt\"".to_owned()),
            ("cache-control", "private, max-age=60".to_owned()),
            ("etag", "\"ours\"".to_owned()),
            ("last-modified", MODIFIED.to_owned()),
            ("accept-ranges", "bytes".to_owned()),
            ("vary", "Cookie".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
            ("content-security-policy", "sandbox".to_owned()),
            ("set-cookie", "seen=1".to_owned()),
        ];
        Self { name, content, status: 200, headers, rate_limit: None }
    }

    pub(crate) fn content(mut self, content: impl AsRef<[u8]>) -> Self {
        self.content = content.as_ref().to_vec();
        self
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Replaces the header.
    pub(crate) fn header(self, name: &'static str, value: &str) -> Self {
        let mut case = self.without(name);
        case.headers.push((name, value.to_owned()));
        case
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| *key != name);
        self
    }

    pub(crate) fn rate_limit(mut self, bytes_per_second: u64) -> Self {
        self.rate_limit = NonZeroU64::new(bytes_per_second);
        self
    }
}

/// The running application. Answers that it sent itself say so in `x-sent-by`.
pub(crate) struct Site {
    /// Holds the root, and what must not be reachable.
    pub(crate) base: PathBuf,
    pub(crate) root: PathBuf,
    pub(crate) offload: Offload,
    pub(crate) application: SocketAddr,
    state: Arc<State>,
    server: ServerHandle,
    _folder: TempDir,
}

struct State {
    cases: Vec<(PathBuf, Case)>,
    offload: Offload,
    handed_over: AtomicUsize,
}

impl Site {
    pub(crate) fn start(cases: Vec<Case>, offload: impl FnOnce(&Path, &Path) -> Offload) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let base = folder.path().canonicalize().unwrap();
        // A space, so that the fragments have something to quote.
        let root = base.join("media files");
        fs::create_dir(&root).unwrap();
        fs::create_dir(base.join("media files-private")).unwrap();
        fs::write(base.join("secret.txt"), "secret").unwrap();
        fs::write(base.join("media files-private/secret.txt"), "secret").unwrap();
        let cases = cases.into_iter().map(|case| (write(&root, &case), case)).collect();
        let offload = offload(&base, &root);
        let state = Arc::new(State { cases, offload: offload.clone(), handed_over: AtomicUsize::new(0) });
        let (server, application) = serve(Arc::clone(&state));
        Self { base, root, offload, application, state, server, _folder: folder }
    }

    pub(crate) fn case(&self, number: usize) -> &Case {
        &self.state.cases[number].1
    }

    pub(crate) fn path(&self, number: usize) -> &Path {
        &self.state.cases[number].0
    }

    /// How many answers were handed over so far.
    pub(crate) fn handed_over(&self) -> usize {
        self.state.handed_over.load(Ordering::SeqCst)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.server.stop(false));
    }
}

fn write(root: &Path, case: &Case) -> PathBuf {
    let path = root.join(OsStr::from_bytes(&case.name));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, &case.content).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(MODIFIED_SECONDS)).unwrap();
    path
}

fn serve(state: Arc<State>) -> (ServerHandle, SocketAddr) {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        rt::System::new().block_on(async move {
            let data = web::Data::from(state);
            let probe = data.offload.probe(PROBE, TOKEN).unwrap();
            let app = move || {
                App::new().app_data(data.clone()).service(probe.clone()).default_service(web::to(respond))
            };
            let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
            let address = server.addrs()[0];
            let server = server.run();
            tell.send((server.handle(), address)).unwrap();
            server.await.unwrap();
        });
    });
    told.recv().unwrap()
}

/// What a responder does: its own conditions first, then the whole file, handed over if the server takes it.
async fn respond(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let number = request.path().trim_start_matches('/').parse::<usize>().ok();
    let Some((path, case)) = number.and_then(|number| state.cases.get(number)) else {
        return HttpResponse::NotFound().insert_header(("x-sent-by", "application")).body("no such case");
    };
    let mut response = HttpResponse::build(StatusCode::from_u16(case.status).unwrap());
    for (name, value) in &case.headers {
        response.append_header((HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
    }
    let etag = case.headers.iter().find(|(name, _)| *name == "etag").map(|(_, value)| value.as_bytes());
    if case.status == 200
        && etag.is_some()
        && request.headers().get(IF_NONE_MATCH).map(HeaderValue::as_bytes) == etag
    {
        response.status(StatusCode::NOT_MODIFIED);
    }
    let file = OffloadFile::new(path, case.content.len() as u64).rate_limit(case.rate_limit);
    match state.offload.answer(request.head(), &file, response.finish()) {
        Ok(response) => {
            state.handed_over.fetch_add(1, Ordering::SeqCst);
            response
        }
        Err(mut response) => {
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-sent-by"), HeaderValue::from_static("application"));
            if response.status() == StatusCode::NOT_MODIFIED {
                return response;
            }
            response.set_body(actix_web::body::BoxBody::new(case.content.clone()))
        }
    }
}
