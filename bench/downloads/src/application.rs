//! The applications in Actix. Each handler is what its library's documentation shows; routing is the same, but for the
//! router's own.

use std::{path::PathBuf, time::Duration};

use actix_charter::{
    download::{Delivery, Download, Root, offload::Offload},
    prelude::*,
};
use actix_files::NamedFile;
use actix_web::{
    HttpResponse,
    http::header::{self, HeaderName, HeaderValue},
    web,
};

/// Which application is brought up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `Download::path` in a plain Actix route.
    Ours,
    /// `Download::path` in a controller of a `Router`, the response contract checked.
    OursRouter,
    /// As `Ours`, from a root that keeps files open.
    OursKept,
    /// As `OursRouter`, from a root that keeps files open.
    OursRouterKept,
    /// `NamedFile`.
    NamedFile,
    /// The whole file read at once into a body with a type and nothing else: the least that sending a small file can be.
    Bare,
    /// 200 and nothing.
    Empty,
    /// 200 and nothing, in a controller of a `Router`.
    EmptyRouter,
    /// 200, no body, and the headers of an offloaded answer, each a constant: no file is looked at.
    Headers,
    /// `Download::path` handed to nginx, in a plain Actix route.
    Offloaded,
    /// The same, from a root that keeps files open.
    OffloadedKept,
    /// The same in a controller of a `Router`, which says itself who sends.
    OffloadedRouter,
    /// And from a root that keeps files open.
    OffloadedRouterKept,
    /// As `OffloadedRouter`, where nginx is told our validators of every file.
    OffloadedRouterOwn,
    /// As `Offloaded`, with a middleware that says who sends.
    OffloadedWrapped,
}

impl Kind {
    /// By its name on the command line.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "ours" => Self::Ours,
            "ours-router" => Self::OursRouter,
            "ours-kept" => Self::OursKept,
            "ours-router-kept" => Self::OursRouterKept,
            "named-file" => Self::NamedFile,
            "bare" => Self::Bare,
            "empty" => Self::Empty,
            "empty-router" => Self::EmptyRouter,
            "headers" => Self::Headers,
            "offloaded" => Self::Offloaded,
            "offloaded-kept" => Self::OffloadedKept,
            "offloaded-router" => Self::OffloadedRouter,
            "offloaded-router-kept" => Self::OffloadedRouterKept,
            "offloaded-router-own" => Self::OffloadedRouterOwn,
            "offloaded-wrapped" => Self::OffloadedWrapped,
            _ => return None,
        })
    }
}

/// The file of that name below a root.
pub struct Files(Root);

#[controller]
impl Files {
    #[get("/{name}")]
    async fn read(&self, name: Path<String>) -> Download {
        Download::path(&self.0, name.into_inner())
    }
}

/// Nothing.
pub struct Nothing;

#[controller]
impl Nothing {
    #[get("/{name}", declares(200))]
    async fn read(&self, _: Path<String>) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

async fn ours(root: web::Data<Root>, name: web::Path<String>) -> Download {
    Download::path(&root, name.into_inner())
}

async fn named_file(directory: web::Data<PathBuf>, name: web::Path<String>) -> std::io::Result<NamedFile> {
    NamedFile::open(directory.join(name.into_inner()))
}

async fn bare(directory: web::Data<PathBuf>, name: web::Path<String>) -> std::io::Result<HttpResponse> {
    let body = std::fs::read(directory.join(name.into_inner()))?;
    Ok(HttpResponse::Ok().content_type("application/octet-stream").body(body))
}

async fn empty(_: web::Path<String>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// What nginx must be told, by somebody who knows all of it already. The validators nginx tells by itself.
async fn headers(_: web::Path<String>) -> HttpResponse {
    let mut answer = HttpResponse::Ok().finish();
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"1M.pdf\""),
        (HeaderName::from_static("x-accel-redirect"), "/protected/1M.pdf"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// nginx in front, told of the directory as `config_fragment` has it; every size is handed over.
///
/// # Panics
/// When there is no such directory.
#[must_use]
pub fn offload(directory: &std::path::Path) -> Offload {
    Offload::nginx().map(directory.join("files"), "/protected/").expect("a directory").min_size(0)
}

/// The routes of a kind, for an `App` and for an `HttpServer`'s.
///
/// # Panics
/// When there is no such directory.
pub fn configure(
    kind: Kind,
    directory: &std::path::Path,
) -> impl Fn(&mut web::ServiceConfig) + Clone + use<> {
    let files = directory.join("files").canonicalize().expect("a directory with `files` in it");
    let mut root = Root::new(&files).expect("a directory");
    if matches!(kind, Kind::OursKept | Kind::OursRouterKept | Kind::OffloadedKept | Kind::OffloadedRouterKept)
    {
        root = root.keep_open(Duration::from_secs(1), 1000);
    }
    let mut offload = offload(directory);
    if kind == Kind::OffloadedRouterOwn {
        offload = offload.own_validators();
    }
    let delivery = Delivery::new().offload(offload);
    move |app| {
        app.app_data(web::Data::new(root.clone())).app_data(web::Data::new(files.clone()));
        match kind {
            Kind::Ours | Kind::OursKept => app.route("/files/{name}", web::get().to(ours)),
            Kind::NamedFile => app.route("/files/{name}", web::get().to(named_file)),
            Kind::Bare => app.route("/files/{name}", web::get().to(bare)),
            Kind::Empty => app.route("/files/{name}", web::get().to(empty)),
            Kind::Headers => app.route("/files/{name}", web::get().to(headers)),
            Kind::EmptyRouter => app.service(Router::new("/files").controller(Nothing)),
            Kind::OursRouter | Kind::OursRouterKept => {
                app.service(Router::new("/files").controller(Files(root.clone())))
            }
            // Routed as an empty answer is.
            Kind::Offloaded | Kind::OffloadedKept => {
                app.app_data(delivery.clone()).route("/files/{name}", web::get().to(ours))
            }
            Kind::OffloadedRouter | Kind::OffloadedRouterKept | Kind::OffloadedRouterOwn => {
                app.service(Router::new("/files").app_data(delivery.clone()).controller(Files(root.clone())))
            }
            Kind::OffloadedWrapped => {
                let delivery = delivery.clone();
                app.service(
                    Router::new("/files").wrap(move || delivery.clone()).controller(Files(root.clone())),
                )
            }
        };
        if kind == Kind::Ours {
            // Behind a proxy: the same file handed over, and as a body.
            app.service(
                web::scope("/offload").app_data(delivery.clone()).route("/{name}", web::get().to(ours)),
            );
        }
    }
}
