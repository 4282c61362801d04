//! `--behind nginx`: the proxy's configuration, and how to start it.

use std::{error::Error, fs, path::Path, path::PathBuf};

use actix_charter::download::offload::Offload;

/// Which server stands in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proxy {
    Nginx,
    Apache,
    Lighttpd,
}

impl Proxy {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "nginx" => Some(Self::Nginx),
            "apache" => Some(Self::Apache),
            "lighttpd" => Some(Self::Lighttpd),
            _ => None,
        }
    }

    /// Hands over to it what lies in these folders.
    pub(crate) fn offload(self, files: &Path, cache: &Path) -> Result<Offload, Box<dyn Error>> {
        Ok(match self {
            Self::Nginx => Offload::nginx().map(files, "/internal/files/")?.map(cache, "/internal/cache/")?,
            Self::Apache => Offload::apache().root(files)?.root(cache)?,
            Self::Lighttpd => Offload::lighttpd().root(files)?.root(cache)?,
        })
    }

    /// Lets the server, which runs as somebody else, reach what lies in the folder.
    pub(crate) fn open_up(self, folder: &Path) -> Result<(), Box<dyn Error>> {
        #[cfg(unix)]
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(())
    }

    /// Writes a complete configuration into `folder`, and tells how to start the server with it.
    pub(crate) fn configure(
        self,
        offload: &Offload,
        folder: &Path,
        application: u16,
        port: u16,
    ) -> Result<String, Box<dyn Error>> {
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let fragment = offload.config_fragment(&format!("127.0.0.1:{application}"))?;
        let config = folder.join(self.file_name());
        fs::write(&config, self.config(&folder, port, &fragment))?;
        Ok(self.command(&folder, &config))
    }

    fn file_name(self) -> PathBuf {
        match self {
            Self::Nginx => "nginx.conf",
            Self::Apache => "apache.conf",
            Self::Lighttpd => "lighttpd.conf",
        }
        .into()
    }

    fn config(self, folder: &Path, port: u16, fragment: &str) -> String {
        let folder = folder.display();
        match self {
            Self::Nginx => format!(
                "daemon off; pid {folder}/pid; error_log stderr warn;
events {{ }}
http {{
    access_log off;
    client_max_body_size 25m;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
{fragment}
    }}
}}
"
            ),
            // Modules lie where Debian has them.
            Self::Apache => format!(
                "ServerRoot {folder}
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/pid
DefaultRuntimeDir {folder}
Mutex file:{folder}
ErrorLog /dev/stderr
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
{fragment}"
            ),
        }
    }

    fn command(self, folder: &Path, config: &Path) -> String {
        let (folder, config) = (folder.display(), config.display());
        match self {
            Self::Nginx => format!("nginx -p {folder} -e stderr -c {config}"),
            Self::Apache => format!("apache2 -X -f {config}"),
            Self::Lighttpd => format!("lighttpd -D -f {config}"),
        }
    }
}
