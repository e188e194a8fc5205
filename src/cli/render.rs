//! `kubelet-unit render`: the files of a service for one init, or for all.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use crate::backends::{Backend, Registry};
use crate::distro::Distro;
use crate::fleet::{Defaults, Fleet};
use crate::hint::Hint;
use crate::manage::{self, AUTO, Site};
use crate::order::{Order, env_file};
use crate::sink::{self, Folder, Rendering, Renderings};

use super::failure::Failure;
use super::fleet::{self, Content, Writing};
use super::message::{self, Details};
use super::service_arguments::ServiceArguments;
use super::text::{Columns, counted, there_already};

/// Print or write the files that make the service run under an init
///
/// Without `--output` the files go to standard output; a terminal shows one line in place
/// of the launcher's text. What an init cannot express is reported in notes on standard
/// error.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  kubelet-unit render
  kubelet-unit render --init openrc
  kubelet-unit render --init openrc --only /etc/init.d/kubelet
  kubelet-unit render --init runit --distro artix --output \"$pkgdir\"
  kubelet-unit render --init openrc --nodes nodes.yaml --output fleet
  kubelet-unit render --init openrc --distro alpine --format cloud-init > user-data
  kubelet-unit spec > kubelet.yaml; kubelet-unit render --init s6 --spec kubelet.yaml")]
pub(super) struct Arguments {
    /// The init; `auto` detects the init of this machine, and `all` renders for every init
    /// and keeps their files apart
    #[arg(long, default_value = AUTO, value_parser = [AUTO, ALL])]
    init: String,

    #[command(flatten)]
    service: ServiceArguments,

    /// Render every node of this inventory, a YAML list of nodes or one document for each;
    /// what a node does not set is taken from the options
    #[arg(long, value_name = "FILE")]
    nodes: Option<PathBuf>,

    /// Write a tree below this folder; with `--nodes` a folder for each node, or what
    /// `--format` says of each
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,

    /// Say how many of the nodes below `--output` would change, and write nothing
    #[arg(long, requires = "nodes", requires = "output")]
    dry_run: bool,

    #[command(flatten)]
    additions: Additions,

    /// Replace files below `--output` that have other content; with `--nodes`, the folder of a
    /// node that differs, with all that is in it
    #[arg(long, requires = "output")]
    force: bool,

    /// Print only this file, named by its path, or `launcher`
    #[arg(
        long,
        value_name = "PATH",
        conflicts_with_all = ["output", "nodes", "format", "list"]
    )]
    only: Option<String>,

    /// Print only the paths and modes of the files
    #[arg(long, conflicts_with_all = ["output", "nodes", "format"])]
    list: bool,

    #[command(flatten)]
    details: Details,

    /// What to write to standard output
    #[arg(long, value_enum, default_value_t = Format::Files)]
    format: Format,
}

/// What is added to the service's own files.
#[derive(Debug, clap::Args)]
struct Additions {
    /// Add the administrator's env file, with the line that arguments are added to, as a
    /// package of the kubelet has it
    #[arg(long, conflicts_with = "nodes")]
    with_env_file: bool,

    /// Add the links, or the files, through which the init starts the service with the machine.
    /// What cloud-init, Ignition and Ansible run or set does so in any case
    #[arg(long)]
    enable: bool,
}

/// The error for a file that is not among those that are rendered.
fn no_such(path: &str, paths: &[String]) -> Failure {
    let failure = Failure::usage(format!("`{path}` is not one of the files"));
    let known = paths.iter().map(String::as_str).chain(["launcher"]);
    match Hint::nearest(path, known) {
        Some(hint) => failure.hint(hint),
        None => failure.hint(format!("they are {}, and `launcher`", listed(paths))),
    }
}

fn listed(paths: &[String]) -> String {
    let paths: Vec<_> = paths.iter().map(|path| format!("`{path}`")).collect();
    paths.join(", ")
}

/// In the place of an init: every one of them.
const ALL: &str = "all";

type Chosen = (Vec<&'static dyn Backend>, Option<&'static Distro>);

/// The forms in which files go to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One file after another under headers
    Files,
    /// JSON with paths, modes, contents and notes
    Json,
    /// A tar archive, the same bytes every time
    Tar,
    /// User data for cloud-init: `write_files` and `runcmd`
    CloudInit,
    /// An Ignition 3.4.0 configuration, for hosts that boot with systemd
    Ignition,
    /// A file of Ansible tasks
    Ansible,
}

impl Arguments {
    pub(super) fn run(&self, registry: &Registry) -> Result<ExitCode, Failure> {
        if self.output.as_deref() == Some(Path::new("-")) {
            let failure = Failure::usage("`--output` takes the path of a folder, not `-`");
            return Err(failure.hint(
                "without `--output` the files go to standard output; a folder of that name is `./-`",
            ));
        }
        if let Some(nodes) = &self.nodes {
            return self.render_fleet(nodes, registry);
        }
        if self.output.is_some() && self.format != Format::Files {
            return Err(Failure::usage(
                "`--output` writes a tree, and `--format` is for standard output; both go together with `--nodes` alone",
            ));
        }
        let (backends, distro) = self.backends(registry)?;
        let order = self.service.order(registry, distro)?;
        let list = backends
            .into_iter()
            .map(|backend| self.rendering(&order, backend))
            .collect::<Result<_, _>>()?;
        let renderings = Renderings {
            list,
            apart: self.init == ALL,
        };
        self.write(&renderings)?;
        for rendering in &renderings.list {
            message::notes(rendering, self.details.verbose);
            if let Some(warning) = rendering.replaces().filter(|_| self.format == Format::Tar) {
                message::warning(&warning);
            }
            if let Some(note) = rendering.not_enabled().filter(|_| self.is_for_a_tree()) {
                message::note(&note);
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn rendering(
        &self,
        order: &Order,
        backend: &'static dyn Backend,
    ) -> Result<Rendering, Failure> {
        let placed = order.place(backend)?;
        let mut rendering = placed.render()?;
        if self.additions.with_env_file {
            let (path, file) = env_file(&placed).map_err(|error| Failure::new(&error))?;
            rendering.rendered.put(path, file);
        }
        // Of all of them, those that files enable are enabled, and a note names the others.
        let is_left = self.init == ALL && rendering.enabling.beyond_files.is_some();
        match self.additions.enable && !is_left {
            true => Ok(rendering.enabled()?),
            false => Ok(rendering),
        }
    }

    /// Whether what is written becomes a tree just as it is.
    fn is_for_a_tree(&self) -> bool {
        self.format == Format::Tar || self.output.is_some() && self.format == Format::Files
    }

    fn render_fleet(&self, nodes: &Path, registry: &Registry) -> Result<ExitCode, Failure> {
        if self.init == ALL {
            return Err(Failure::usage("a node has one init, and not all of them"));
        }
        let defaults = Defaults {
            // The inventory is of other machines than this one.
            order: self.service.order(registry, None)?,
            init: Some(self.init.clone()).filter(|init| init != AUTO),
            enable: self.additions.enable,
        };
        let text = fleet::text(nodes)?;
        let fleet = Fleet {
            path: fleet::named(nodes),
            text: text.as_deref(),
            defaults: &defaults,
            registry,
        };
        let writing = |folder| Writing {
            folder,
            force: self.force,
            dry_run: self.dry_run,
            verbose: self.details.verbose,
        };
        match (&self.output, self.format) {
            (Some(folder), Format::Files) => writing(folder).nodes(&fleet, Content::Tree),
            (Some(folder), Format::CloudInit) => writing(folder).nodes(&fleet, Content::CloudInit),
            (Some(folder), Format::Ansible) => writing(folder).ansible(&fleet),
            (None, Format::Tar) => fleet::write_tar(&fleet, self.details.verbose),
            (None, Format::Json) => fleet::write_json(&fleet, self.details.verbose),
            _ => Err(
                Failure::usage("a fleet goes to a folder or into a stream").hint(
                    "with `--output DIR` there are trees, `--format cloud-init` and `--format \
                     ansible`; without it `--format tar` and `--format json`",
                ),
            ),
        }
    }

    /// The inits, and the distribution of this machine where it is what counts.
    fn backends(&self, registry: &Registry) -> Result<Chosen, Failure> {
        Ok(match self.init.as_str() {
            ALL => (registry.iter().collect(), None),
            AUTO => match self.service.distro_belongs_to(registry) {
                Some(init) => (vec![init], None),
                None => self.detected(registry)?,
            },
            name => (registry.find(name).into_iter().collect(), None),
        })
    }

    /// The init of this machine, and its distribution.
    fn detected(&self, registry: &Registry) -> Result<Chosen, Failure> {
        let site = Site::open("/", registry)?;
        let meant = self.service.distro_boots_with(registry);
        let detected = manage::detected(&site, &[ALL]).map_err(|error| match meant {
            Some(init) => {
                Failure::from(error).hint(Hint::did_you_mean(&format!("--init {}", init.name())))
            }
            None => error.into(),
        })?;
        if let Some(meant) = meant.filter(|meant| meant.name() != detected.name()) {
            message::note(&format!(
                "this is for {}, which this machine has; `--init {}` is for that distribution",
                detected.name(),
                meant.name()
            ));
        }
        Ok((vec![detected], site.distro()))
    }

    fn write(&self, renderings: &Renderings) -> Result<(), Failure> {
        if let Some(path) = &self.output {
            let folder = Folder {
                path,
                force: self.force,
            };
            let outcome = folder.write(renderings)?;
            message::note(&format!(
                "{} written below `{}`, {}",
                counted(outcome.written, "file"),
                path.display(),
                there_already(outcome.unchanged)
            ));
            return Ok(());
        }
        let stdout = io::stdout();
        if self.format == Format::Tar {
            fleet::refuse_terminal(&stdout)?;
        }
        let folded = stdout.is_terminal();
        let mut out = BufWriter::new(stdout.lock());
        if self.list {
            let mut list = Vec::new();
            sink::write_list(renderings, &mut list)?;
            let list = Columns::of_stdout().wrap(&String::from_utf8_lossy(&list));
            out.write_all(list.as_bytes())?;
            return Ok(out.flush()?);
        }
        if let Some(path) = &self.only {
            let file = sink::only(renderings, path).map_err(|paths| no_such(path, &paths))?;
            out.write_all(&file.content)?;
            return Ok(out.flush()?);
        }
        match self.format {
            Format::Files => sink::write_stream(renderings, folded, &mut out)?,
            Format::Json => sink::write_json(renderings, &mut out)?,
            Format::Tar => sink::write_tar(renderings, &mut out)?,
            Format::CloudInit => sink::write_cloud_init(renderings, &mut out)?,
            Format::Ignition => sink::write_ignition(renderings, &mut out)?,
            Format::Ansible => sink::write_ansible(renderings, &mut out)?,
        }
        Ok(())
    }
}
