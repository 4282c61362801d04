//! As much of S3 as a download needs, on loopback: it believes signatures only, and fails when it is told to.

use std::{
    collections::{BTreeMap, HashMap},
    convert::Infallible,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use actix_test::{TestServer, TestServerConfig};
use actix_web::{
    App, HttpRequest, HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::{Method, StatusCode, header},
    web::{self, Bytes},
};
use futures_util::{StreamExt, stream};
use object_store::{
    ClientOptions, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
};
use opendal::{Operator, services};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use crate::signature::{KEY_ID, SECRET, Signed, verify};

#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: String,
    pub(crate) encoding: Option<String>,
    pub(crate) modified: SystemTime,
    pub(crate) tag: String,
}

impl Object {
    pub(crate) fn new(bytes: impl Into<Bytes>, media_type: &str, modified: SystemTime) -> Self {
        let bytes = bytes.into();
        let digest = Sha256::digest(&bytes);
        let tag =
            format!("\"{}\"", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>());
        Self { bytes, media_type: media_type.to_owned(), encoding: None, modified, tag }
    }

    pub(crate) fn etag(&self) -> String {
        self.tag.clone()
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Closes the connection in the middle of the body.
    Truncate,
    /// Says nothing more in the middle of the body.
    Stall,
    /// Does not answer at all.
    Silence,
    Status(u16),
    /// Sends everything, whatever range was asked for.
    IgnoreRange,
    /// Answers, and has another object from then on.
    Replace(Object),
    /// Answers, and has the object no more.
    Remove,
}

/// A request that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) range: Option<String>,
    pub(crate) if_match: Option<String>,
    pub(crate) status: u16,
}

#[derive(Default)]
struct State {
    objects: HashMap<String, Object>,
    /// For requests with this method, so many times.
    fault: Option<(Method, Fault, usize)>,
    seen: Vec<Seen>,
    refused: Vec<&'static str>,
    /// How far the stub's clock is ahead.
    ahead: Duration,
}

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<State>>);

pub(crate) struct Stub {
    pub(crate) server: TestServer,
    state: Shared,
}

impl Stub {
    pub(crate) fn start() -> Self {
        let state = Shared::default();
        let shared = state.clone();
        let server = actix_test::start_with(TestServerConfig::default().workers(1), move || {
            let shared = shared.clone();
            App::new().default_service(web::to(move |request: HttpRequest| answer(shared.clone(), request)))
        });
        Self { server, state }
    }

    pub(crate) fn put(&self, key: &str, object: Object) {
        self.state.0.lock().unwrap().objects.insert(key.to_owned(), object);
    }

    /// Fails requests with this method, so many times.
    pub(crate) fn fail(&self, method: Method, fault: Fault, times: usize) {
        self.state.0.lock().unwrap().fault = Some((method, fault, times));
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.state.0.lock().unwrap().ahead += by;
    }

    /// The requests since the last call.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.state.0.lock().unwrap().seen)
    }

    pub(crate) fn methods(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.method).collect()
    }

    /// Why requests were refused since the last call.
    pub(crate) fn refused(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.state.0.lock().unwrap().refused)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.server.addr())
    }

    /// The bucket as `object_store` sees it. What fails is tried once more.
    pub(crate) fn s3(&self) -> AmazonS3 {
        let retry = RetryConfig {
            backoff: object_store::BackoffConfig {
                init_backoff: Duration::from_millis(1),
                max_backoff: Duration::from_millis(2),
                base: 2.0,
            },
            max_retries: 1,
            retry_timeout: Duration::from_secs(60),
        };
        AmazonS3Builder::new()
            .with_endpoint(self.url())
            .with_bucket_name("media")
            .with_region("eu-central-1")
            .with_access_key_id(KEY_ID)
            .with_secret_access_key(SECRET)
            .with_client_options(ClientOptions::new().with_allow_http(true))
            .with_retry(retry)
            .build()
            .unwrap()
    }

    /// The same with another secret.
    pub(crate) fn wrong_s3(&self) -> AmazonS3 {
        AmazonS3Builder::new()
            .with_endpoint(self.url())
            .with_bucket_name("media")
            .with_region("eu-central-1")
            .with_access_key_id(KEY_ID)
            .with_secret_access_key("guessed")
            .with_client_options(ClientOptions::new().with_allow_http(true))
            .build()
            .unwrap()
    }

    /// The bucket as OpenDAL sees it.
    pub(crate) fn operator(&self) -> Operator {
        let s3 = services::S3::default()
            .endpoint(&self.url())
            .bucket("media")
            .region("eu-central-1")
            .access_key_id(KEY_ID)
            .secret_access_key(SECRET)
            .disable_config_load()
            .disable_ec2_metadata();
        Operator::new(s3).unwrap().finish()
    }
}

async fn answer(shared: Shared, request: HttpRequest) -> HttpResponse {
    let method = request.method().clone();
    let header = |name: header::HeaderName| {
        request.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    let (range, if_match) = (header(header::RANGE), header(header::IF_MATCH));
    let note = |status: StatusCode| Seen {
        method: method.to_string(),
        range: range.clone(),
        if_match: if_match.clone(),
        status: status.as_u16(),
    };
    let refuse = |status: u16, code: &str| {
        let status = StatusCode::from_u16(status).unwrap();
        shared.0.lock().unwrap().seen.push(note(status));
        let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
        HttpResponse::build(status).content_type("application/xml").body(text)
    };

    let now = SystemTime::now() + shared.0.lock().unwrap().ahead;
    let query = match verify(&request, now.into()) {
        Ok(Signed::Link(query)) => query,
        Ok(Signed::Headers) => BTreeMap::new(),
        Err(why) => {
            shared.0.lock().unwrap().refused.push(why);
            return refuse(403, "SignatureDoesNotMatch");
        }
    };
    let path = percent_decode_str(request.uri().path()).decode_utf8().unwrap();
    let Some(key) = path.strip_prefix("/media/").map(str::to_owned) else {
        return refuse(404, "NoSuchBucket");
    };

    let (object, fault) = {
        let mut state = shared.0.lock().unwrap();
        let object = state.objects.get(&key).cloned();
        let fault = match &mut state.fault {
            Some((on, fault, times)) if *on == method && *times > 0 => {
                *times -= 1;
                Some(fault.clone())
            }
            _ => None,
        };
        match &fault {
            Some(Fault::Replace(other)) => drop(state.objects.insert(key.clone(), other.clone())),
            Some(Fault::Remove) => drop(state.objects.remove(&key)),
            _ => {}
        }
        (object, fault)
    };
    match &fault {
        Some(Fault::Silence) => std::future::pending::<()>().await,
        Some(Fault::Status(status)) => return refuse(*status, "Told"),
        _ => {}
    }
    let Some(object) = object else { return refuse(404, "NoSuchKey") };
    if if_match.as_ref().is_some_and(|tag| *tag != object.etag()) {
        return refuse(412, "PreconditionFailed");
    }

    // Clients that were sent here bring conditions of their own.
    if header(header::IF_NONE_MATCH).is_some_and(|tag| tag == object.etag()) {
        shared.0.lock().unwrap().seen.push(note(StatusCode::NOT_MODIFIED));
        return HttpResponse::NotModified().insert_header((header::ETAG, object.etag())).finish();
    }

    let size = object.bytes.len();
    let mut status = StatusCode::OK;
    let mut part = 0..size;
    let is_same = header(header::IF_RANGE).is_none_or(|tag| tag == object.etag());
    let is_heard = is_same && !matches!(fault, Some(Fault::IgnoreRange));
    // S3 knows one range only.
    if let Some(range) = range.as_ref().filter(|range| is_heard && !range.contains(',')) {
        let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        part = match (first.parse::<usize>(), last.parse::<usize>()) {
            (Ok(first), Ok(last)) => first..size.min(last + 1),
            (Ok(first), Err(_)) => first..size,
            (Err(_), last) => size.saturating_sub(last.unwrap())..size,
        };
        if part.start >= size {
            return refuse(416, "InvalidRange");
        }
        status = StatusCode::PARTIAL_CONTENT;
    }
    shared.0.lock().unwrap().seen.push(note(status));
    let mut response = HttpResponse::build(status);
    response
        .insert_header((header::ETAG, object.etag()))
        .insert_header((header::LAST_MODIFIED, header::HttpDate::from(object.modified)))
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        response.insert_header((header::CONTENT_RANGE, range));
    }
    if let Some(encoding) = &object.encoding {
        response.insert_header((header::CONTENT_ENCODING, encoding.as_str()));
    }
    let told = |name: &str| query.get(name).cloned();
    response.content_type(told("response-content-type").unwrap_or(object.media_type));
    for (name, value) in [
        (header::CONTENT_DISPOSITION, told("response-content-disposition")),
        (header::CACHE_CONTROL, told("response-cache-control")),
    ] {
        if let Some(value) = value {
            response.insert_header((name, value));
        }
    }
    body(response, object.bytes.slice(part), fault.as_ref())
}

fn body(mut response: HttpResponseBuilder, bytes: Bytes, fault: Option<&Fault>) -> HttpResponse {
    let length = bytes.len() as u64;
    let half = bytes.slice(..bytes.len() / 2);
    match fault {
        Some(Fault::Truncate) => response.body(SizedStream::new(
            length,
            // The end that comes early closes the connection.
            stream::iter([Ok(half), Err(std::io::Error::other("as told"))]),
        )),
        Some(Fault::Stall) => {
            let half = stream::iter([Ok::<_, Infallible>(half)]);
            response.body(SizedStream::new(length, half.chain(stream::pending())))
        }
        _ => response.body(bytes),
    }
}
