//! What a line of inittab runs, whoever wrote it.

use std::path::PathBuf;

use super::control::mark;
use crate::backends::{foreign, inittab};
use crate::effective::{Asked, Effective, Rival, Standing};
use crate::root::RootError;
use crate::service::AbsPath;
use crate::shipped::Reading;

pub(super) struct Lines;

impl Effective for Lines {
    fn read(&self, asked: &Asked<'_>) -> Result<Standing, RootError> {
        let looked = [PathBuf::from(inittab::INITTAB)];
        let Ok(path) = inittab::INITTAB.parse::<AbsPath>() else {
            return foreign::absent(asked, "busybox init", &looked);
        };
        let reading = Reading::new(asked.host.root(), &path, asked.name);
        let mark = mark(&foreign::target(asked));
        let text = match reading.text(path.as_str()) {
            Ok(text) => text.unwrap_or_default(),
            Err(why) => {
                let line = reading.cannot(path.as_str(), &why);
                return Ok(foreign::standing(
                    asked,
                    "busybox init",
                    path.as_str(),
                    line,
                ));
            }
        };
        // A line of ours is ours also while it is left out.
        let counted = |line: &str| match line.trim_end().ends_with(&mark) {
            true => line.trim_start_matches(['#', ' ', '\t']).to_owned() + "\n",
            false => line.to_owned() + "\n",
        };
        let counted: String = text.lines().map(counted).collect();
        let own = inittab::entries(&counted).find(|entry| entry.text.ends_with(&mark));
        let mut all = inittab::entries(&text);
        let entry = own.or_else(|| all.find(|entry| entry.starts(&reading, path.as_str())));
        match entry.map(|entry| entry.line_of(&reading, path.as_str())) {
            Some(line) => Ok(foreign::standing(
                asked,
                "busybox init",
                path.as_str(),
                line,
            )),
            None => foreign::absent(asked, "busybox init", &looked),
        }
    }

    fn rivals(&self, asked: &Asked<'_>) -> Result<Vec<Rival>, RootError> {
        let mark = mark(&foreign::target(asked));
        let is_own = |entry: &inittab::Entry<'_>| entry.text.ends_with(&mark);
        Ok(inittab::rivals(asked, inittab::INITTAB, is_own))
    }
}
