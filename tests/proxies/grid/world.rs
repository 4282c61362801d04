//! One application with all sources, the places where they lie, and the server in front.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_charter::download::{
    Delivery, Root,
    cache::DownloadCache,
    offload::Offload,
    origin::{Origin, Remote as Allowed},
    storage::{ObjectStorage, OpendalStorage},
};
use actix_test::{TestServer, TestServerConfig};
use actix_web::{
    App,
    dev::{Service, ServiceResponse},
    http::{
        StatusCode,
        header::{CONTENT_LENGTH, LOCATION},
    },
    web,
};
use tokio::sync::Semaphore;

use super::{
    delivered::{Delivered, Sender},
    elsewhere,
    source::{self, KEY, Places, STORED_TYPE, Source},
};
use crate::{
    Answer, Front, Kind, Site,
    client::{follow, send},
    remote_server::Remote,
    stub::{Object, Stub},
};

pub(super) struct World {
    pub(super) address: SocketAddr,
    pub(super) stub: Stub,
    pub(super) remote: Remote,
    pub(super) made: Arc<AtomicUsize>,
    /// One when the client has read the first bytes of the body.
    pub(super) begun: Arc<Semaphore>,
    /// The cache's directory.
    pub(super) kept: PathBuf,
    record: Record,
    _application: TestServer,
    _front: Option<Front>,
    _site: Option<Site>,
}

/// What the application answered, in its order: the status, and who was to send the bytes.
type Record = Arc<Mutex<Vec<(StatusCode, Sender)>>>;

fn offload(kind: Kind, root: &Path, cache: &Path) -> Offload {
    match kind {
        Kind::Nginx => Offload::nginx()
            .map(root, "/protected/")
            .and_then(|offload| offload.map(cache, "/cached/"))
            .and_then(|offload| offload.remote("/remote/")),
        Kind::Apache => Offload::apache().root(root).and_then(|offload| offload.root(cache)),
        Kind::Lighttpd => Offload::lighttpd().root(root).and_then(|offload| offload.root(cache)),
        Kind::Caddy => {
            Offload::caddy().map(root, "/protected/").and_then(|offload| offload.map(cache, "/cached/"))
        }
    }
    .unwrap()
}

impl World {
    pub(super) fn start(delivered: Delivered) -> Self {
        let mut delivery = Delivery::new();
        let site = Site::start(Vec::new(), |base, root| {
            let kept = base.join("kept");
            if delivered.has_cache() {
                delivery = delivery.clone().cache(DownloadCache::new(&kept).unwrap());
            } else {
                std::fs::create_dir(&kept).unwrap();
            }
            match delivered.kind() {
                Some(kind) => offload(kind, root, &kept),
                None => Offload::nginx(),
            }
        });
        if delivered.kind().is_some() {
            delivery = delivery.offload(site.offload.clone());
        }
        if delivered.redirects() {
            delivery = delivery.redirect();
        }
        let kept = site.base.join("kept");
        let (stub, remote) = (Stub::start(), elsewhere::start(Source::Http.content()));
        let content = Source::S3.content();
        std::fs::create_dir(site.root.join("tief")).unwrap();
        std::fs::write(site.root.join(KEY), &content).unwrap();
        // Long ago: of what was changed just now the tag is another one than nginx will tell.
        let file = std::fs::File::options().write(true).open(site.root.join(KEY)).unwrap();
        file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_704_164_645)).unwrap();
        stub.put(KEY, Object::new(content, STORED_TYPE, std::time::UNIX_EPOCH));
        let (made, begun) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let places = Places {
            root: Root::new(&site.root).unwrap(),
            s3: ObjectStorage::signing("s3", stub.s3()),
            opendal: OpendalStorage::new("opendal", stub.operator()),
            origin: Origin::new()
                .allow(Allowed::new(&remote.url("")).unwrap().public())
                .unwrap()
                .allow_private("127.0.0.0/8")
                .unwrap(),
            remote: remote.url(""),
            made: Arc::clone(&made),
            begun: Arc::clone(&begun),
        };
        let record = Record::default();
        let application = serve(places, delivery, Arc::clone(&record));
        let (front, site) = match delivered.kind() {
            Some(kind) => {
                let fragment = site.offload.config_fragment(&application.addr().to_string()).unwrap();
                (Some(Front::before(kind, site, &fragment)), None)
            }
            None => (None, Some(site)),
        };
        let address = front.as_ref().map_or(application.addr(), |front| front.address);
        Self {
            address,
            stub,
            remote,
            made,
            begun,
            kept,
            record,
            _application: application,
            _front: front,
            _site: site,
        }
    }

    /// The answer in the end, and who sent its bytes: `None` when the application answered without any, or more than once.
    #[track_caller]
    pub(super) fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> (Answer, Option<Sender>) {
        // Kept with the test's output, which is shown when it fails.
        println!("{method} {path} {headers:?}");
        self.record.lock().unwrap().clear();
        let mut answer = send(self.address, method, path, headers);
        if answer.status == 307 {
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            answer = follow(answer.header("location").unwrap(), headers);
        }
        let record = std::mem::take(&mut *self.record.lock().unwrap());
        let sender = match record[..] {
            [(status, sender)] if status.is_success() || status == StatusCode::TEMPORARY_REDIRECT => {
                Some(sender)
            }
            _ => None,
        };
        (answer, sender)
    }

    /// What the application answered since the last call, or since `ask`.
    pub(super) fn statuses(&self) -> Vec<u16> {
        self.record.lock().unwrap().drain(..).map(|(status, _)| status.as_u16()).collect()
    }

    /// What the cache keeps.
    pub(super) fn kept(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.kept).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != ".lock").collect()
    }

    /// How often the file was read where it lies, since the last call.
    pub(super) fn read(&self) -> usize {
        let in_s3 = self.stub.seen().iter().filter(|seen| seen.method == "GET").count();
        let elsewhere = self.remote.heads().iter().filter(|head| head.starts_with("get ")).count();
        self.remote.forget();
        in_s3 + elsewhere + self.made.swap(0, Ordering::SeqCst)
    }
}

fn serve(places: Places, delivery: Delivery, record: Record) -> TestServer {
    actix_test::start_with(TestServerConfig::default().workers(1), move || {
        let record = Arc::clone(&record);
        App::new()
            .app_data(web::Data::new(places.clone()))
            .wrap(delivery.clone())
            .wrap_fn(move |request, service| {
                let (answer, record) = (service.call(request), Arc::clone(&record));
                async move {
                    let answer = answer.await?;
                    record.lock().unwrap().push((answer.status(), sender(&answer)));
                    Ok(answer)
                }
            })
            .route("/{source}/{key:.*}", web::route().to(source::send))
    })
}

fn sender<B: actix_web::body::MessageBody>(answer: &ServiceResponse<B>) -> Sender {
    let headers = answer.headers();
    let is_empty = matches!(answer.response().body().size(), actix_web::body::BodySize::Sized(0))
        && !headers.contains_key(CONTENT_LENGTH);
    let sender = if headers.contains_key("x-download-url") {
        Sender::Fetched
    } else if headers.contains_key("x-accel-redirect") || headers.contains_key("x-sendfile") {
        Sender::File
    } else if headers.contains_key(LOCATION) {
        Sender::Place
    } else {
        return Sender::Application;
    };
    // Whoever sent the bytes, it was not us.
    assert!(is_empty, "{sender:?}, and a body");
    sender
}
