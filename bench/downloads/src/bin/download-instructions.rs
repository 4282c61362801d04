//! Run by callgrind, which collects only inside [`counted`]: `download-instructions KIND DIRECTORY FILE REQUESTS`.
//!
//! The application is called in this process, without a socket; the kernel's part does not count.

use actix_http::Request;
use actix_web::{
    App,
    body::to_bytes,
    dev::Service as _,
    http::header::{ACCEPT, HOST, HeaderValue},
    test::init_service,
};
use bench_downloads::application::{Kind, configure};

/// What callgrind counts. It is found by this name, so it must neither be inlined nor be generic.
#[inline(never)]
fn counted(requests: &mut dyn FnMut()) {
    requests();
    // Something after the call, so that it does not become a jump out of this function.
    std::hint::black_box(());
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [kind, directory, file, requests] = words.as_slice() else {
        return Err("usage: KIND DIRECTORY FILE REQUESTS".into());
    };
    let kind = Kind::named(kind).ok_or("there is no such server")?;
    let requests: u32 = requests.parse()?;
    let uri: actix_web::http::Uri = format!("/files/{file}").parse()?;
    let system = actix_rt::System::new();
    let service = system.block_on(init_service(App::new().configure(configure(kind, directory.as_ref()))));
    let exchange = || async {
        let mut request = Request::new();
        let head = request.head_mut();
        head.uri = uri.clone();
        head.headers.insert(HOST, HeaderValue::from_static("localhost"));
        head.headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        let answer = service.call(request).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        to_bytes(answer.into_body()).await.expect("a body")
    };
    let send = |requests| {
        system.block_on(async {
            for _ in 0..requests {
                std::hint::black_box(exchange().await);
            }
        });
    };
    send(64);
    counted(&mut || send(requests));
    println!("{kind:?} {requests}");
    Ok(())
}
