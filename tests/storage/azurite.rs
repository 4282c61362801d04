//! Azure's own emulator of its object store, Azurite, with keys that all the world knows.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::SystemTime,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use object_store::azure::{MicrosoftAzure, MicrosoftAzureBuilder};

use crate::{foreign::node_modules, signature::hmac, wire::send};

const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
const CONTAINER: &str = "media";

/// Ends with this value.
pub(crate) struct Azurite {
    child: Child,
    address: SocketAddr,
}

impl Azurite {
    pub(crate) fn start() -> Self {
        let modules = node_modules("azurite", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/storage/node"));
        let mut command = Command::new("node");
        command
            .arg(modules.join("azurite/dist/src/blob/main.js"))
            .args(["--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"])
            .args(["--blobHost", "127.0.0.1", "--blobPort", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listens = lines.by_ref().map_while(Result::ok).find_map(|line| {
            line.split_once("successfully listens on http://").map(|(_, address)| address.to_owned())
        });
        // It would wait for somebody to read.
        std::thread::spawn(move || lines.for_each(drop));
        let Some(listens) = listens else { panic!("Azurite ended: {:?}", child.wait()) };
        let azurite = Self { child, address: listens.trim().parse().unwrap() };
        azurite.create();
        azurite
    }

    /// The container, which neither library makes.
    fn create(&self) {
        let date = httpdate::fmt_http_date(SystemTime::now());
        let version = "2021-08-06";
        let signed = format!(
            "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:{version}\n/{ACCOUNT}/{ACCOUNT}/{CONTAINER}\nrestype:container"
        );
        let signature = STANDARD.encode(hmac(&STANDARD.decode(KEY).unwrap(), signed.as_bytes()));
        let authorization = format!("SharedKey {ACCOUNT}:{signature}");
        let headers = [
            ("x-ms-date", date.as_str()),
            ("x-ms-version", version),
            ("Authorization", &authorization),
            ("Content-Length", "0"),
        ];
        let path = format!("/{ACCOUNT}/{CONTAINER}?restype=container");
        let answer = send(self.address, "PUT", &path, &headers);
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    fn endpoint(&self) -> String {
        format!("http://{}/{ACCOUNT}", self.address)
    }

    pub(crate) fn store(&self) -> MicrosoftAzure {
        MicrosoftAzureBuilder::new()
            .with_endpoint(self.endpoint())
            .with_allow_http(true)
            .with_account(ACCOUNT)
            .with_access_key(KEY)
            .with_container_name(CONTAINER)
            .build()
            .unwrap()
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
