//! `concur explore`: stateright's Explorer on a model.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use concur_checks::selector::select_one;

use crate::Ending;
use crate::limits::on_ctrl_c;

/// Browse the states of a model in stateright's Explorer. Ctrl-C ends it.
#[derive(Args)]
pub(crate) struct Explore {
    /// The model: PROTOCOL/RUNG, with /CONFIGURATION or the rung's first one
    #[arg(value_name = "SELECTOR")]
    selector: String,
    /// Set a parameter; may be given again
    #[arg(long = "param", value_name = "NAME=VALUE")]
    params: Vec<String>,
    /// Where to serve. The Explorer knows no passwords: keep it on this machine
    #[arg(long, default_value = "127.0.0.1:3000")]
    addr: SocketAddr,
}

impl Explore {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let target = select_one(&self.selector, &self.params)?;
        if Path::new("ui").exists() {
            bail!(
                "stateright's Explorer would serve the folder `ui` of this directory instead of its own pages; run concur elsewhere"
            );
        }
        // The Explorer panics on a port in use, so look first.
        let probe = TcpListener::bind(self.addr).with_context(|| {
            format!(
                "cannot listen on {}; is something else? Choose another with --addr",
                self.addr
            )
        })?;
        let addr = probe.local_addr()?;
        drop(probe);
        let interrupted = on_ctrl_c()?;
        let server = std::thread::spawn(move || target.serve(addr));
        writeln!(
            std::io::stdout(),
            "Exploring {} at http://{addr}/ (Ctrl-C ends it)",
            self.selector
        )?;
        while !interrupted.load(Ordering::Relaxed) {
            if server.is_finished() {
                match server.join() {
                    Ok(served) => served?,
                    Err(_) => bail!("the Explorer stopped"),
                }
                bail!("the Explorer stopped");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(Ending::AsExpected)
    }
}
