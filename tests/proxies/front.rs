//! The server in front: its configuration, its start, its end.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use actix_charter::download::offload::Offload;

use crate::{Case, Site};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Apache,
    Lighttpd,
    Caddy,
}

impl Kind {
    fn program(self) -> &'static str {
        match self {
            Self::Nginx => "/usr/sbin/nginx",
            Self::Apache => "/usr/sbin/apache2",
            Self::Lighttpd => "/usr/sbin/lighttpd",
            Self::Caddy => "/usr/bin/caddy",
        }
    }

    /// What must be there, and the package that brings it.
    fn needs(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Nginx => &[("/usr/sbin/nginx", "nginx")],
            Self::Apache => &[
                ("/usr/sbin/apache2", "apache2"),
                ("/usr/lib/apache2/modules/mod_xsendfile.so", "libapache2-mod-xsendfile"),
            ],
            Self::Lighttpd => &[("/usr/sbin/lighttpd", "lighttpd")],
            Self::Caddy => &[("/usr/bin/caddy", "caddy")],
        }
    }

    /// What the server writes once it listens.
    fn ready(self) -> &'static str {
        match self {
            Self::Nginx => "using the \"epoll\" event method",
            Self::Apache => "start_threads",
            Self::Lighttpd => "server started",
            Self::Caddy => "serving initial configuration",
        }
    }

    pub(crate) fn offload(self, root: &Path) -> Offload {
        match self {
            Self::Nginx => Offload::nginx().map(root, "/protected/"),
            Self::Apache => Offload::apache().root(root),
            Self::Lighttpd => Offload::lighttpd().root(root),
            Self::Caddy => Offload::caddy().map(root, "/protected/"),
        }
        .unwrap()
        // The sizes of the files are the tests' own matter.
        .min_size(0)
    }

    fn config(self, folder: &str, port: u16, fragment: &str) -> String {
        match self {
            Self::Nginx => format!(
                "daemon off; master_process off; pid {folder}/pid; error_log stderr notice;
events {{ worker_connections 64; }}
http {{
    access_log off; types {{ text/plain txt; }} default_type application/octet-stream;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    server {{
        listen 127.0.0.1:{port};
{fragment}
    }}
}}
"
            ),
            Self::Apache => format!(
                "ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog /dev/stderr
LogLevel notice mpm_event:debug
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule xsendfile_module /usr/lib/apache2/modules/mod_xsendfile.so
# Read only when started as root.
User www-data
Group www-data
<VirtualHost 127.0.0.1:{port}>
{fragment}
</VirtualHost>
"
            ),
            Self::Lighttpd => format!(
                "server.modules = ( \"mod_proxy\" )
server.document-root = \"{folder}\"
server.bind = \"127.0.0.1\"
server.port = {port}
mimetype.assign = ( \".txt\" => \"text/plain\" )
{fragment}"
            ),
            Self::Caddy => format!(
                "{{
    admin off
    auto_https off
}}
http://localhost:{port} {{
    bind 127.0.0.1
{fragment}
}}
"
            ),
        }
    }

    fn command(self, folder: &str, config: &str) -> Command {
        let mut command = Command::new(self.program());
        match self {
            Self::Nginx => command.args(["-p", folder, "-e", "stderr", "-c", config]),
            Self::Apache => command.args(["-X", "-f", config]),
            Self::Lighttpd => command.args(["-D", "-f", config]),
            Self::Caddy => command.args(["run", "--adapter", "caddyfile", "--config", config]),
        };
        command.env("HOME", folder).env("XDG_CONFIG_HOME", folder).env("XDG_DATA_HOME", folder);
        command
    }
}

/// A running server and the application behind it; both end with this value.
pub(crate) struct Front {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) site: Site,
    log: Arc<Mutex<String>>,
}

impl Front {
    /// Starts server and application; `/0`, `/1` and so on are the cases.
    #[track_caller]
    pub(crate) fn start(kind: Kind, cases: Vec<Case>) -> Self {
        Self::with(kind, cases, |_, offload| offload)
    }

    /// As `start`, with the offload changed; it is given the folder in which the root lies.
    #[track_caller]
    pub(crate) fn with(kind: Kind, cases: Vec<Case>, change: impl Fn(&Path, Offload) -> Offload) -> Self {
        let site = Site::start(cases, |base, root| change(base, kind.offload(root)));
        let fragment = site.offload.config_fragment(&site.application.to_string()).unwrap();
        Self::before(kind, site, &fragment)
    }

    /// Starts the server before this application, configured by hand.
    #[track_caller]
    pub(crate) fn before(kind: Kind, site: Site, fragment: &str) -> Self {
        let missing: Vec<_> = kind
            .needs()
            .iter()
            .filter(|(file, _)| !Path::new(file).exists())
            .map(|(_, package)| *package)
            .collect();
        assert!(
            missing.is_empty(),
            "{kind:?} is not installed. Run scripts/install-proxies.sh, or: apt-get install {}",
            missing.join(" ")
        );
        // Another program may take the port in the meantime; then the next one is tried.
        for _ in 0..5 {
            let port = free_port();
            match start(kind, &site, port, fragment) {
                Ok((child, log)) => {
                    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                    return Self { child, address, site, log };
                }
                Err(log) if log.contains("ddress already in use") => {}
                Err(log) => panic!("{kind:?} did not start:\n{log}\nIts fragment:\n{fragment}"),
            }
        }
        panic!("{kind:?} found no free port");
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        // The one process that was started: each server is told not to fork.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("what the server wrote:\n{}", self.log.lock().unwrap());
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// Waits until the server says that it listens; gives what it wrote if it ended instead.
fn start(kind: Kind, site: &Site, port: u16, fragment: &str) -> Result<(Child, Arc<Mutex<String>>), String> {
    let folder = site.base.join("server");
    fs::create_dir_all(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let config = format!("{folder}/config");
    fs::write(&config, kind.config(folder, port, fragment)).unwrap();
    let mut child = kind
        .command(folder, &config)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let log = Arc::new(Mutex::new(String::new()));
    loop {
        let mut line = String::new();
        let read = lines.read_line(&mut line).unwrap();
        log.lock().unwrap().push_str(&line);
        if read == 0 {
            let _ = child.kill();
            let _ = child.wait();
            return Err(log.lock().unwrap().clone());
        }
        if line.contains(kind.ready()) {
            break;
        }
    }
    // It must never block on a full pipe.
    let sink = Arc::clone(&log);
    thread::spawn(move || {
        for line in lines.split(b'\n').map_while(Result::ok) {
            sink.lock().unwrap().push_str(&(String::from_utf8_lossy(&line).into_owned() + "\n"));
        }
    });
    Ok((child, log))
}
