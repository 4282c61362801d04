//! Storages of every kind with the same files, and a server that sends them.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use actix_charter::download::{
    Away, Delivery, Download, Root,
    storage::{ObjectStorage, OpendalStorage, Storage},
};
use actix_test::{TestServer, TestServerConfig};
use actix_web::{App, FromRequest, HttpRequest, web};
use object_store::{
    Attribute, Attributes, ObjectStore, PutOptions, local::LocalFileSystem, memory::InMemory, path::Path,
};
use opendal::{Operator, services::Memory};
use tempfile::TempDir;

use crate::{
    azurite::Azurite,
    stub::{Object, Stub},
};

pub(crate) const HELLO: &str = "Hello, world!";

pub(crate) fn modified() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_704_164_645)
}

pub(crate) type AnyStorage = Arc<dyn Storage>;

/// A storage, and what it lives on.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) storage: AnyStorage,
    /// Whether it tells entity tags.
    pub(crate) tags: bool,
    /// Whether it tells times.
    pub(crate) times: bool,
    /// Whether it tells content types.
    pub(crate) types: bool,
    _alive: Option<Stub>,
    _azurite: Option<Azurite>,
    _directory: Option<TempDir>,
}

/// Every kind of storage, each with these files.
pub(crate) async fn kinds(files: &[(&str, &[u8], &str)]) -> Vec<Kind> {
    let kind = |name, storage: AnyStorage, stub, directory| Kind {
        name,
        storage,
        tags: true,
        times: true,
        types: true,
        _alive: stub,
        _azurite: None,
        _directory: directory,
    };
    let mut kinds = Vec::new();

    for by in ["s3", "opendal-s3"] {
        let stub = Stub::start();
        for (key, bytes, media_type) in files {
            stub.put(key, Object::new(bytes.to_vec(), media_type, modified()));
        }
        let storage: AnyStorage = match by {
            "s3" => Arc::new(ObjectStorage::signing("s3", stub.s3())),
            _ => Arc::new(OpendalStorage::new("opendal-s3", stub.operator())),
        };
        kinds.push(kind(by, storage, Some(stub), None));
    }

    let azurite = Azurite::start();
    put(&azurite.store(), files).await;
    let azure = Arc::new(ObjectStorage::signing("azure", azurite.store()));
    kinds.push(Kind { _azurite: Some(azurite), ..kind("azure", azure, None, None) });

    let memory = InMemory::new();
    put(&memory, files).await;
    kinds.push(kind("memory", Arc::new(ObjectStorage::new("memory", memory)), None, None));

    let directory = tempfile::tempdir().unwrap();
    let local = LocalFileSystem::new_with_prefix(directory.path()).unwrap();
    for (key, bytes, _) in files {
        let path = Path::parse(key).unwrap();
        local.put_opts(&path, bytes.to_vec().into(), PutOptions::default()).await.unwrap();
    }
    let local = kind("local", Arc::new(ObjectStorage::new("local", local)), None, Some(directory));
    kinds.push(Kind { types: false, ..local });

    let operator = Operator::new(Memory::default()).unwrap().finish();
    for (key, bytes, media_type) in files {
        operator.write_with(key, bytes.to_vec()).content_type(media_type).await.unwrap();
    }
    let opendal =
        kind("opendal-memory", Arc::new(OpendalStorage::new("opendal-memory", operator)), None, None);
    kinds.push(Kind { tags: false, times: false, ..opendal });

    let directory = tempfile::tempdir().unwrap();
    for (key, bytes, _) in files {
        let path = directory.path().join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let root = Root::new(directory.path()).unwrap();
    kinds.push(Kind { types: false, ..kind("root", Arc::new(root), None, Some(directory)) });
    kinds
}

pub(crate) async fn put(store: &dyn ObjectStore, files: &[(&str, &[u8], &str)]) {
    for (key, bytes, media_type) in files {
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, (*media_type).to_owned().into());
        let options = PutOptions { attributes, ..PutOptions::default() };
        store.put_opts(&Path::parse(key).unwrap(), bytes.to_vec().into(), options).await.unwrap();
    }
}

/// The path, decoded once.
pub(crate) fn name(request: &HttpRequest) -> String {
    web::Path::<String>::extract(request).into_inner().unwrap().into_inner()
}

/// A server of one worker that sends what lies under the path.
pub(crate) fn serve(storage: &AnyStorage) -> TestServer {
    serve_as(storage, Delivery::new(), |download| download)
}

pub(crate) fn serve_as(
    storage: &AnyStorage,
    delivery: Delivery,
    with: impl Fn(Download<Away>) -> Download<Away> + Clone + Send + 'static,
) -> TestServer {
    let storage = Arc::clone(storage);
    serve_made(delivery, move |request| with(Download::stored(&storage, name(request))))
}

pub(crate) fn serve_made(
    delivery: Delivery,
    make: impl Fn(&HttpRequest) -> Download<Away> + Clone + Send + 'static,
) -> TestServer {
    actix_test::start_with(TestServerConfig::default().workers(1), move || {
        let make = make.clone();
        App::new().wrap(delivery.clone()).route(
            "/{name:.*}",
            web::route().to(move |request: HttpRequest| {
                let download = make(&request);
                async move { download.fetched(&request).await }
            }),
        )
    })
}
