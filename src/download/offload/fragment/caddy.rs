use std::fmt::Write as _;

use super::{quote, root, target, unwritable};
use crate::download::offload::{OffloadError, rule::Rule};

pub(super) fn write(rules: &[Rule], upstream: &str) -> Result<String, OffloadError> {
    let mut text = format!(
        "# Within a site's block. The application says which file, Caddy sends it.
# WebSockets pass, and no other protocol: one that Caddy does not speak would be nobody's to watch over.
@offload_protocol {{
    header Upgrade *
    not header_regexp Upgrade (?i)^websocket$
}}
request_header @offload_protocol -Upgrade
reverse_proxy {upstream} {{
    @offload {{
        status 200
        header X-Accel-Redirect *
    }}
    handle_response @offload {{
        # Caddy drops the application's headers unless told.
        copy_response_headers {{
            exclude X-Accel-Redirect Content-Length
        }}
        # The application's validators, in place of Caddy's, where it has any.
        @etag expression `{{http.reverse_proxy.header.Etag}} != null`
        header @etag {{
            Etag {{rp.header.Etag}}
            defer
        }}
        @modified expression `{{http.reverse_proxy.header.Last-Modified}} != null`
        header @modified {{
            Last-Modified {{rp.header.Last-Modified}}
            defer
        }}
        rewrite * {{rp.header.X-Accel-Redirect}}
"
    );
    for rule in rules {
        let folder = quote::caddy(root(rule)?).ok_or_else(|| unwritable(rule))?;
        let prefix = target(rule)?;
        let _ = write!(
            text,
            "        handle_path {prefix}* {{
            root * {folder}
            route {{
                file_server {{
                    disable_canonical_uris
                    pass_thru
                }}
                # It went away in between; the file's Cache-Control is not this answer's.
                header Cache-Control no-store
                header -Content-Disposition
                respond 404
            }}
        }}
"
        );
    }
    text.push_str("        respond 404\n    }\n}\n");
    Ok(text)
}
