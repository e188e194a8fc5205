//! `libsystemd-shared`, called as the manager calls it.

use std::collections::BTreeMap;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::path::PathBuf;
use std::ptr::{null, null_mut};

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn free(memory: *mut c_void);
    fn fmemopen(memory: *mut c_void, size: usize, mode: *const c_char) -> *mut c_void;
    fn fclose(file: *mut c_void) -> c_int;
}

const RTLD_NOW: c_int = 2;

/// The versions whose functions are known to take what is passed here.
const VERSIONS: std::ops::RangeInclusive<u32> = 252..=262;

type Callback = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    c_uint,
    *const c_char,
    c_uint,
    *const c_char,
    c_int,
    *const c_char,
    *mut c_void,
    *mut c_void,
) -> c_int;

type Lookup = unsafe extern "C" fn(
    *const c_void,
    *const c_char,
    *const c_char,
    *mut Callback,
    *mut c_int,
    *mut *mut c_void,
    *mut c_void,
) -> c_int;

/// `config_parse` (`conf-parser.h`).
type ConfigParse = unsafe extern "C" fn(
    *const c_char,
    *const c_char,
    *mut c_void,
    *const c_char,
    Lookup,
    *const c_void,
    c_int,
    *mut c_void,
    *mut c_void,
) -> c_int;

/// A list that ends with an empty text, as C has it (`UNIT_VTABLE(u)->sections`).
const SECTIONS: &[u8] = b"Unit\0Service\0Install\0\0";

/// Section, key and value.
type Said = Vec<(String, String, String)>;

/// What a file says.
pub(super) struct Lines {
    pub said: Said,
    /// Whether systemd stops at an error.
    pub is_broken: bool,
}

pub(super) struct Systemd {
    pub version: u32,
    config_parse: ConfigParse,
    /// `extract_first_word` (`extract-word.h`).
    extract_first_word:
        unsafe extern "C" fn(*mut *const c_char, *mut *mut c_char, *const c_char, c_int) -> c_int,
    /// `parse_time` (`time-util.h`).
    parse_time: unsafe extern "C" fn(*const c_char, *mut u64, u64) -> c_int,
    /// `unit_name_is_valid` (`unit-name.h`).
    unit_name_is_valid: unsafe extern "C" fn(*const c_char, c_int) -> bool,
    /// `load_env_file` (`env-file.h`).
    load_env_file: unsafe extern "C" fn(*mut c_void, *const c_char, *mut *mut *mut c_char) -> c_int,
    strv_free: unsafe extern "C" fn(*mut *mut c_char) -> *mut *mut c_char,
}

/// A function of the library.
macro_rules! function {
    ($library:expr, $name:literal) => {{
        let name: &CStr = $name;
        // SAFETY: the library stays open, and its function has the type of the field.
        let function = unsafe { dlsym($library, name.as_ptr()) };
        if function.is_null() {
            return Err(format!(
                "systemd's library has no `{}`",
                name.to_string_lossy()
            ));
        }
        unsafe { std::mem::transmute_copy(&function) }
    }};
}

impl Systemd {
    /// The machine's, or why there is none that can be asked.
    pub fn load() -> Result<Self, String> {
        let (path, version) = found().ok_or("systemd's library is not on this machine")?;
        if !VERSIONS.contains(&version) {
            return Err(format!(
                "how to call systemd's library {version} is not known here"
            ));
        }
        let path = CString::new(path.into_os_string().into_encoded_bytes())
            .map_err(|_| "its path has a NUL")?;
        // SAFETY: it is a library, whose constructors do nothing that matters here.
        let library = unsafe { dlopen(path.as_ptr(), RTLD_NOW) };
        if library.is_null() {
            return Err("systemd's library cannot be loaded".into());
        }
        let silence: unsafe extern "C" fn(c_int) = function!(library, c"log_set_max_level");
        // SAFETY: the function takes a level; 0 is emergencies alone.
        unsafe { silence(0) };
        Ok(Self {
            version,
            config_parse: function!(library, c"config_parse"),
            extract_first_word: function!(library, c"extract_first_word"),
            parse_time: function!(library, c"parse_time"),
            unit_name_is_valid: function!(library, c"unit_name_is_valid"),
            load_env_file: function!(library, c"load_env_file"),
            strv_free: function!(library, c"strv_free"),
        })
    }

    /// What stands in the sections of a service.
    pub fn lines(&self, text: &[u8]) -> Lines {
        let mut said = Said::new();
        let result = with_file(text, |file| {
            let into = (&raw mut said).cast();
            // SAFETY: the arguments are those of `unit_load_fragment` (`load-fragment.c`),
            // with a lookup that knows every key.
            unsafe {
                (self.config_parse)(
                    c"a.service".as_ptr(),
                    c"a.service".as_ptr(),
                    file,
                    SECTIONS.as_ptr().cast(),
                    lookup,
                    null(),
                    0,
                    into,
                    null_mut(),
                )
            }
        });
        Lines {
            said,
            is_broken: result < 0,
        }
    }

    /// The words of a text, and whether all of it could be read.
    pub fn words(&self, text: &str, is_relaxed: bool) -> (Vec<Vec<u8>>, bool) {
        // EXTRACT_UNQUOTE and EXTRACT_CUNESCAPE, with EXTRACT_UNESCAPE_RELAX.
        let flags = 1 << 5 | 1 << 1 | if is_relaxed { 1 << 2 } else { 0 };
        let text = CString::new(text).unwrap();
        let mut rest = text.as_ptr();
        let mut words = Vec::new();
        loop {
            let mut word = null_mut();
            // SAFETY: `rest` points into `text`, and the word is the caller's.
            let result =
                unsafe { (self.extract_first_word)(&raw mut rest, &raw mut word, null(), flags) };
            if result <= 0 {
                return (words, result == 0);
            }
            // SAFETY: a positive answer comes with a word.
            unsafe {
                words.push(CStr::from_ptr(word).to_bytes().to_vec());
                free(word.cast());
            }
        }
    }

    /// A span of time in microseconds.
    pub fn time(&self, text: &str, unit: u64) -> Option<u64> {
        let text = CString::new(text).unwrap();
        let mut micros = 0;
        // SAFETY: both pointers are valid for the call.
        let result = unsafe { (self.parse_time)(text.as_ptr(), &raw mut micros, unit) };
        (result >= 0).then_some(micros)
    }

    /// Whether it is the name of a unit, a template or an instance.
    pub fn is_unit_name(&self, text: &str) -> bool {
        let text = CString::new(text).unwrap();
        // SAFETY: the pointer is valid for the call. 7 is UNIT_NAME_ANY.
        unsafe { (self.unit_name_is_valid)(text.as_ptr(), 7) }
    }

    /// The variables of an env file, of several assignments the last; `None` where it is
    /// refused.
    pub fn env_file(&self, text: &[u8]) -> Option<BTreeMap<String, String>> {
        let mut list = null_mut();
        let result = with_file(text, |file| {
            // SAFETY: the pointers are valid for the call.
            unsafe { (self.load_env_file)(file, c"a.env".as_ptr(), &raw mut list) }
        });
        if result < 0 {
            return None;
        }
        let mut all = BTreeMap::new();
        let mut at = list;
        // SAFETY: the list is null, or ends with a null pointer, and is freed once.
        unsafe {
            while !at.is_null() && !(*at).is_null() {
                let variable = CStr::from_ptr(*at).to_str().unwrap();
                let (name, value) = variable.split_once('=').unwrap();
                all.insert(name.into(), value.into());
                at = at.add(1);
            }
            (self.strv_free)(list);
        }
        Some(all)
    }
}

/// Calls a function with a stream of this text.
fn with_file(text: &[u8], call: impl FnOnce(*mut c_void) -> c_int) -> c_int {
    // SAFETY: the text outlives the stream, which is for reading alone.
    unsafe {
        let file = fmemopen(text.as_ptr().cast_mut().cast(), text.len(), c"r".as_ptr());
        assert!(!file.is_null());
        let result = call(file);
        fclose(file);
        result
    }
}

unsafe extern "C" fn lookup(
    _table: *const c_void,
    _section: *const c_char,
    _key: *const c_char,
    callback: *mut Callback,
    kind: *mut c_int,
    data: *mut *mut c_void,
    said: *mut c_void,
) -> c_int {
    // SAFETY: the pointers are the library's, for the answer.
    unsafe {
        *callback = note;
        *kind = 0;
        *data = said;
    }
    1
}

#[allow(clippy::too_many_arguments)] // the library's
unsafe extern "C" fn note(
    _unit: *const c_char,
    _file: *const c_char,
    _line: c_uint,
    section: *const c_char,
    _section_line: c_uint,
    key: *const c_char,
    _kind: c_int,
    value: *const c_char,
    said: *mut c_void,
    _user: *mut c_void,
) -> c_int {
    // SAFETY: the texts end with NUL, and `said` is what `lines` passes.
    unsafe {
        let text = |text| CStr::from_ptr(text).to_string_lossy().into_owned();
        let said = &mut *said.cast::<Said>();
        said.push((text(section), text(key), text(value)));
    }
    0
}

/// The newest library, and its version.
fn found() -> Option<(PathBuf, u32)> {
    let triple = format!("/usr/lib/{}-linux-gnu/systemd", std::env::consts::ARCH);
    let folders = [triple, "/usr/lib/systemd".into(), "/lib/systemd".into()];
    let entries = folders
        .iter()
        .filter_map(|folder| std::fs::read_dir(folder).ok())
        .flatten();
    let libraries = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let name = path.file_name()?.to_str()?;
        let version = name
            .strip_prefix("libsystemd-shared-")?
            .strip_suffix(".so")?;
        let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
        Some((path.clone(), digits.parse().ok()?))
    });
    libraries.max_by_key(|(_, version)| *version)
}
