//! The files themselves, on the one thread that writes them: a few are open at a time, and one that
//! is long enough is put aside.

use std::collections::{HashMap, HashSet, VecDeque};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use tracing::Level;

use super::destination::{Destination, remove};
use super::queue::{Batch, Entry};
use super::record::Record;
use peak_shared::logs::Rotation;

/// So many files are open at a time, whatever the number of agents.
const MAX_OPEN: usize = 32;

#[derive(Debug, Default)]
pub(super) struct Files {
    open: Vec<Open>,
    /// Counts the uses of files, to know which was used last.
    uses: u64,
    /// Lines of each file that could not be written.
    missing: HashMap<u64, u64>,
    /// Files whose last line may be half written.
    torn: HashSet<u64>,
    /// Lines that could not be written, or had no room to wait, so far.
    lost: u64,
    /// Whether the user knows that lines are lost.
    told: bool,
}

#[derive(Debug)]
struct Open {
    id: u64,
    file: File,
    size: u64,
    used: u64,
}

impl Files {
    /// Writes what has come. The first time that lines are lost, the log says so.
    pub(super) fn write(&mut self, batch: Batch) {
        for mut group in grouped(batch.entries) {
            if let Err(error) = self.write_group(&mut group) {
                self.lose(&group.to, group.lines.len() as u64, &error);
            }
        }
        // These came last, when there was no room for them.
        for (to, count) in batch.missing.into_values() {
            let slow = io::Error::other("more is logged than it takes in the time");
            self.lose(&to, count, &slow);
            // What cannot be told now is told before the next line.
            let _ = self.write_notice(&to);
        }
    }

    /// Notes that lines of a file are lost.
    fn lose(&mut self, to: &Destination, count: u64, why: &io::Error) {
        *self.missing.entry(to.id).or_default() += count;
        self.lost += count;
        self.open.retain(|open| open.id != to.id);
        self.tell(to, "lines of the log are lost", why);
    }

    /// How many lines did not get into their files.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// Says once what goes wrong, for a thousand files on a full disk are one thing.
    fn tell(&mut self, to: &Destination, what: &str, error: &io::Error) {
        if !std::mem::replace(&mut self.told, true) {
            let path = to.path();
            tracing::warn!(
                "{}: {what}: {error}; it is tried again, and this is said once",
                path.display()
            );
        }
    }

    /// Writes the lines; those that remain in the group could not be written.
    fn write_group(&mut self, group: &mut Group) -> io::Result<()> {
        let to = &*group.to;
        if group.clears {
            self.open.retain(|open| open.id != to.id);
            to.clear()?;
        }
        while !group.lines.is_empty() {
            let mut text = self.notice(to);
            let count = self.make_room(to, &mut text, &group.lines)?;
            self.append(to, &text)?;
            group.lines.drain(..count);
        }
        Ok(())
    }

    /// What stands in the place of lines that are lost, and ends one that is half written.
    fn notice(&self, to: &Destination) -> String {
        let mut text = String::new();
        if self.torn.contains(&to.id) {
            text.push('\n');
        }
        if let Some(count) = self.missing.get(&to.id) {
            let what = match count {
                1 => "a line is".to_owned(),
                _ => format!("{count} lines are"),
            };
            let words = format!("{what} missing here: the log could not be written");
            text.push_str(&to.line(&Record::new(Level::WARN, module_path!(), words)));
        }
        text
    }

    fn write_notice(&mut self, to: &Destination) -> io::Result<()> {
        let notice = self.notice(to);
        self.append(to, &notice)
    }

    /// Adds to the text as many lines as the file has room for, one at least; gives their number. If
    /// there is no room for the first, the file is put aside before.
    fn make_room(
        &mut self,
        to: &Destination,
        text: &mut String,
        lines: &VecDeque<String>,
    ) -> io::Result<usize> {
        let Rotation::At(limit) = to.settings.rotation else {
            text.extend(lines.iter().map(String::as_str));
            return Ok(lines.len());
        };
        let first = text.len() + lines.front().map_or(0, String::len);
        let mut size = self.file(to)?.size;
        if size > 0 && size + first as u64 > limit {
            self.open.retain(|open| open.id != to.id);
            match put_aside(to) {
                Ok(()) => size = 0,
                // A file that is too long is better than lines that are lost.
                Err(error) => {
                    self.tell(to, "it stays longer than it should be", &error);
                    text.extend(lines.iter().map(String::as_str));
                    return Ok(lines.len());
                }
            }
        }
        let mut count = 0;
        for line in lines {
            let length = (text.len() + line.len()) as u64;
            if count > 0 && size + length > limit {
                break;
            }
            text.push_str(line);
            count += 1;
        }
        Ok(count)
    }

    fn append(&mut self, to: &Destination, text: &str) -> io::Result<()> {
        let open = self.file(to)?;
        if let Err(error) = open.file.write_all(text.as_bytes()) {
            self.torn.insert(to.id);
            return Err(error);
        }
        open.size += text.len() as u64;
        self.torn.remove(&to.id);
        self.missing.remove(&to.id);
        Ok(())
    }

    /// The file, open; the one that was not used for longest is closed for it.
    fn file(&mut self, to: &Destination) -> io::Result<&mut Open> {
        self.uses += 1;
        let place = self.open.iter().position(|open| open.id == to.id);
        let place = match place {
            Some(place) => place,
            None => {
                if self.open.len() >= MAX_OPEN {
                    let uses = self.open.iter().enumerate();
                    if let Some((oldest, _)) = uses.min_by_key(|(_, open)| open.used) {
                        self.open.swap_remove(oldest);
                    }
                }
                let file = open(&to.path(), &to.settings.folder)?;
                let size = file.metadata()?.len();
                self.open.push(Open {
                    id: to.id,
                    file,
                    size,
                    used: 0,
                });
                self.open.len() - 1
            }
        };
        let open = &mut self.open[place];
        open.used = self.uses;
        Ok(open)
    }
}

/// Opens a file to append to it. Somebody may have removed the folder.
fn open(path: &Path, folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder)?;
            options.open(path)
        }
        opened => opened,
    }
}

/// Puts a file aside: it gets the number 1, those before it the next ones, and the last is removed.
fn put_aside(which: &Destination) -> io::Result<()> {
    let keep = which.settings.keep;
    if keep == 0 {
        return remove(which.path()).map(drop);
    }
    for ago in (1..keep).rev() {
        rename(&which.old_path(ago), &which.old_path(ago + 1))?;
    }
    rename(&which.path(), &which.old_path(1))
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}

/// What is written into one file.
#[derive(Debug)]
struct Group {
    to: Arc<Destination>,
    clears: bool,
    lines: VecDeque<String>,
}

/// The same by file: each is opened once, however the agents take turns.
fn grouped(entries: Vec<Entry>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places = HashMap::new();
    for entry in entries {
        let (to, line) = match entry {
            Entry::Line(to, line) => (to, Some(line)),
            Entry::Clear(to) => (to, None),
        };
        let place = *places.entry(to.id).or_insert_with(|| {
            groups.push(Group {
                to,
                clears: false,
                lines: VecDeque::new(),
            });
            groups.len() - 1
        });
        let group = &mut groups[place];
        match line {
            Some(line) => group.lines.push_back(line),
            None => group.clears = true,
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::launch::logs::destination::tests::in_folder;

    fn batch(lines: &[(&Arc<Destination>, &str)]) -> Batch {
        let entries = lines.iter();
        Batch {
            entries: entries
                .map(|(to, line)| Entry::Line(Arc::clone(to), format!("{line}\n")))
                .collect(),
            ..Batch::default()
        }
    }

    #[test]
    fn many_files_are_written_with_few_open() {
        let folder = tempfile::tempdir().unwrap();
        let all: Vec<_> = (0..3 * MAX_OPEN)
            .map(|n| in_folder(folder.path(), &format!("a{n}"), Rotation::Never, 0))
            .collect();
        let mut files = Files::default();
        for line in ["one", "two"] {
            let lines: Vec<_> = all.iter().map(|to| (to, line)).collect();
            files.write(batch(&lines));
            assert!(files.open.len() <= MAX_OPEN);
        }
        for to in &all {
            assert_eq!(fs::read_to_string(to.path()).unwrap(), "one\ntwo\n");
        }
    }

    #[test]
    fn a_long_file_is_put_aside_and_the_last_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let to = in_folder(folder.path(), "bob", Rotation::At(8), 2);
        let mut files = Files::default();
        files.write(batch(&[(&to, "aaa"), (&to, "bbb"), (&to, "ccc")]));
        files.write(batch(&[
            (&to, "ddd"),
            (&to, "longer than a file"),
            (&to, "eee"),
        ]));
        let read = |path| fs::read_to_string(path).unwrap();
        assert_eq!(read(to.path()), "eee\n");
        assert_eq!(read(to.old_path(1)), "longer than a file\n");
        assert_eq!(read(to.old_path(2)), "ccc\nddd\n");
        assert!(!to.old_path(3).exists());
        assert_eq!(files.lost(), 0);

        let none_kept = in_folder(folder.path(), "ann", Rotation::At(8), 0);
        files.write(batch(&[(&none_kept, "aaaaaa"), (&none_kept, "bbb")]));
        assert_eq!(read(none_kept.path()), "bbb\n");
        assert!(!none_kept.old_path(1).exists());
    }

    #[test]
    fn lines_that_are_lost_leave_a_notice() {
        let folder = tempfile::tempdir().unwrap();
        let to = in_folder(folder.path(), "bob", Rotation::Never, 0);
        // A folder is in the place of the file.
        fs::create_dir(to.path()).unwrap();
        let mut files = Files::default();
        files.write(batch(&[(&to, "a"), (&to, "b")]));
        assert_eq!(files.lost(), 2);
        fs::remove_dir(to.path()).unwrap();
        files.write(batch(&[(&to, "c")]));
        files.write(batch(&[(&to, "d")]));
        let text = fs::read_to_string(to.path()).unwrap();
        let (notice, rest) = text.split_once('\n').unwrap();
        assert!(
            notice.ends_with("2 lines are missing here: the log could not be written"),
            "{text}"
        );
        assert_eq!(rest, "c\nd\n");
    }

    #[test]
    fn lines_without_room_are_missing_where_they_would_stand() {
        let folder = tempfile::tempdir().unwrap();
        let to = in_folder(folder.path(), "bob", Rotation::Never, 0);
        let mut files = Files::default();
        let mut full = batch(&[(&to, "a")]);
        full.missing.insert(to.id, (Arc::clone(&to), 5));
        files.write(full);
        files.write(batch(&[(&to, "b")]));
        let text = fs::read_to_string(to.path()).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines[0], lines[2]), ("a", "b"), "{text}");
        assert!(
            lines[1].contains("WARN  5 lines are missing here"),
            "{text}"
        );
        assert_eq!(files.lost(), 5);
    }

    #[test]
    fn a_folder_that_was_removed_is_made_again() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("logs");
        let to = in_folder(&inner, "bob", Rotation::Never, 0);
        Files::default().write(batch(&[(&to, "a")]));
        fs::remove_dir_all(&inner).unwrap();
        Files::default().write(batch(&[(&to, "b")]));
        assert_eq!(fs::read_to_string(to.path()).unwrap(), "b\n");
    }
}
