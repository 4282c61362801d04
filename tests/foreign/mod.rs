//! Programs that nobody here wrote: installed once below `target`, in the versions that are pinned beside the tests.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What the command prints. It must succeed.
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let program = command.get_program().to_owned();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| {
        let program = program.display();
        panic!("{program} cannot be started ({error}): apt-get install nodejs npm python3 python3-venv")
    });
    assert!(
        output.status.success(),
        "{} failed:\n{}{}",
        program.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Installs what `pins` asks for, unless it is there; processes of other tests wait for that.
fn installed(name: &str, pins: &Path, install: impl FnOnce(&Path)) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign");
    fs::create_dir_all(&place).unwrap();
    let lock = File::create(place.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let (to, pinned) = (place.join(name), fs::read(pins).unwrap());
    if fs::read(to.join("installed")).is_ok_and(|installed| installed == pinned) {
        return to;
    }
    let _ = fs::remove_dir_all(&to);
    fs::create_dir_all(&to).unwrap();
    install(&to);
    fs::write(to.join("installed"), pinned).unwrap();
    to
}

/// The `node_modules` of a folder with a `package-lock.json`.
pub(crate) fn node_modules(name: &str, folder: &str) -> PathBuf {
    let folder = Path::new(folder);
    let to = installed(name, &folder.join("package-lock.json"), |to| {
        for file in ["package.json", "package-lock.json"] {
            fs::copy(folder.join(file), to.join(file)).unwrap();
        }
        run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(to));
    });
    to.join("node_modules")
}

/// Where the clients of live channels are.
pub(crate) fn live_clients() -> PathBuf {
    node_modules("live_clients", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live_protocol/node"))
}

/// A Python that has what a `requirements.txt` pins.
pub(crate) fn python(name: &str, requirements: &str) -> PathBuf {
    let to = installed(name, Path::new(requirements), |to| {
        run(Command::new("python3").args(["-m", "venv"]).arg(to));
        run(Command::new(to.join("bin/pip")).args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--requirement",
            requirements,
        ]));
    });
    to.join("bin/python")
}
