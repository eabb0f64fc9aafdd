//! The `mod` lines of a program.

use super::scan::{self, Line, NotClosed};

/// The source of a program with `mod name;` in it, where rustfmt would have it; `None` if it has that
/// already.
pub(super) fn with_module(source: &str, name: &str) -> Result<Option<String>, NotClosed> {
    let lines = scan::lines(source)?;
    let modules: Vec<Module> = lines.iter().enumerate().filter_map(Module::of).collect();
    if modules.iter().any(|module| module.name == name) {
        return Ok(None);
    }
    let new = format!("mod {name};");
    let raw: Vec<&str> = source.lines().collect();
    let group = first_group(&modules, &raw);
    if !group.is_empty() {
        let later = |module: &&&Module| module.name.as_str() > name;
        let place = match group.iter().find(later) {
            Some(module) => head(&raw, module.line),
            None => group[group.len() - 1].line + 1,
        };
        return Ok(Some(inserted(source, place, &[&new])));
    }
    let place = match last_use(&lines) {
        Some(line) => line + 1,
        None => after_the_head(&raw, &lines),
    };
    let is_blank = |line: Option<&&str>| line.is_none_or(|line| line.trim().is_empty());
    let mut block = vec![new.as_str()];
    if place > 0 && !is_blank(raw.get(place - 1)) {
        block.insert(0, "");
    }
    if !is_blank(raw.get(place)) {
        block.push("");
    }
    Ok(Some(inserted(source, place, &block)))
}

/// A module of the program itself.
#[derive(Debug)]
struct Module {
    name: String,
    /// Counted from 0.
    line: usize,
    /// Whether it has a file of its own.
    has_file: bool,
}

impl Module {
    fn of((number, line): (usize, &Line)) -> Option<Self> {
        if !line.is_top {
            return None;
        }
        // An attribute may stand before it.
        let mut code = line.code.trim();
        while code.starts_with("#[") {
            code = code.split_once(']')?.1.trim_start();
        }
        if let Some(rest) = code.strip_prefix("pub") {
            let rest = rest.trim_start();
            code = match rest.strip_prefix('(') {
                Some(rest) => rest.split_once(')')?.1,
                None => rest,
            };
        }
        let rest = code.trim_start().strip_prefix("mod ")?.trim_start();
        let rest = rest.strip_prefix("r#").unwrap_or(rest);
        let end = rest.find(|char: char| !char.is_alphanumeric() && char != '_');
        let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
        let has_file = rest.trim_start().starts_with(';');
        Some(Self {
            name: name.to_owned(),
            line: number,
            has_file,
        })
    }
}

/// The first modules that stand together: rustfmt sorts these, and none across a blank line.
fn first_group<'a>(modules: &'a [Module], raw: &[&str]) -> Vec<&'a Module> {
    let mut group: Vec<&Module> = Vec::new();
    for module in modules.iter().filter(|module| module.has_file) {
        let macros = raw[head(raw, module.line)..=module.line]
            .iter()
            .any(|line| line.contains("macro_use"));
        let stands_apart = group
            .last()
            .is_some_and(|last| head(raw, module.line) != last.line + 1);
        if macros || stands_apart {
            if group.is_empty() {
                continue;
            }
            break;
        }
        group.push(module);
    }
    group
}

/// The first line of the comments and attributes that belong to the item in this line.
fn head(raw: &[&str], line: usize) -> usize {
    let belongs = |line: &&str| {
        let line = line.trim_start();
        (line.starts_with("//") && !line.starts_with("//!")) || line.starts_with("#[")
    };
    let above = raw[..line]
        .iter()
        .rev()
        .take_while(|line| belongs(line))
        .count();
    line - above
}

/// The line in which the last `use` ends.
fn last_use(lines: &[Line]) -> Option<usize> {
    let is_use = |line: &Line| {
        let code = line.code.trim_start();
        line.is_top
            && (code.starts_with("use ") || (code.starts_with("pub") && code.contains(" use ")))
    };
    let begin = lines.iter().rposition(is_use)?;
    let end = lines[begin..]
        .iter()
        .position(|line| line.code.trim_end().ends_with(';'))?;
    Some(begin + end)
}

/// The line after what speaks of the whole file: its documentation, its attributes, its licence.
fn after_the_head(raw: &[&str], lines: &[Line]) -> usize {
    let is_inner = |line: &str| line.starts_with("//!") || line.starts_with("#!");
    let last_inner = raw.iter().rposition(|line| is_inner(line));
    if let Some(last) = last_inner {
        // An attribute may take several lines.
        let rest = lines[last + 1..].iter().position(|line| line.is_top);
        return last + 1 + rest.unwrap_or_default();
    }
    let comment = raw.iter().take_while(|line| line.starts_with("//")).count();
    match raw.get(comment) {
        Some(line) if line.trim().is_empty() => comment,
        _ => 0,
    }
}

/// The source with these lines before that one, ended as its others are.
fn inserted(source: &str, place: usize, block: &[&str]) -> String {
    let end = if source.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut before: String = source.split_inclusive('\n').take(place).collect();
    if !before.is_empty() && !before.ends_with('\n') {
        before.push_str(end);
    }
    for line in block {
        before.push_str(line);
        before.push_str(end);
    }
    before.extend(source.split_inclusive('\n').skip(place));
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(source: &str, name: &str) -> String {
        with_module(source, name)
            .unwrap()
            .unwrap_or_else(|| "as it was".to_owned())
    }

    #[test]
    fn beside_other_modules_in_order() {
        let source = "//! Doc.\n\nmod b;\n/// Of d.\n#[cfg(unix)]\nmod d;\n\nmod z;\n";
        assert_eq!(
            with(source, "a"),
            source.replace("mod b;", "mod a;\nmod b;")
        );
        assert_eq!(
            with(source, "c"),
            source.replace("/// Of d.", "mod c;\n/// Of d.")
        );
        assert_eq!(
            with(source, "e"),
            source.replace("mod d;\n", "mod d;\nmod e;\n")
        );
        for there in ["b", "d", "z"] {
            assert_eq!(with(source, there), "as it was");
        }
        assert_eq!(with("pub(crate) mod b;\n", "b"), "as it was");
        assert_eq!(
            with("#[cfg(unix)] pub mod b { fn x() {} }\n", "b"),
            "as it was"
        );
    }

    #[test]
    fn without_other_modules() {
        for (source, expected) in [
            ("fn main() {}\n", "mod a;\n\nfn main() {}\n"),
            ("", "mod a;\n"),
            (
                "//! Doc.\nfn main() {}\n",
                "//! Doc.\n\nmod a;\n\nfn main() {}\n",
            ),
            (
                "#![allow(\n    dead_code\n)]\n\nfn main() {}\n",
                "#![allow(\n    dead_code\n)]\n\nmod a;\n\nfn main() {}\n",
            ),
            (
                "// Mine.\n\nfn main() {}\n",
                "// Mine.\n\nmod a;\n\nfn main() {}\n",
            ),
            (
                "/// Main.\nfn main() {}\n",
                "mod a;\n\n/// Main.\nfn main() {}\n",
            ),
            (
                "use x;\nuse y::{\n    z,\n};\nfn main() {}\n",
                "use x;\nuse y::{\n    z,\n};\n\nmod a;\n\nfn main() {}\n",
            ),
            ("use x;", "use x;\n\nmod a;\n"),
            (
                "use x;\r\n\r\nfn main() {}\r\n",
                "use x;\r\n\r\nmod a;\r\n\r\nfn main() {}\r\n",
            ),
            (
                "fn main() {}\n\nmod tests {\n    use super::*;\n}\n",
                "mod a;\n\nfn main() {}\n\nmod tests {\n    use super::*;\n}\n",
            ),
            (
                "#[macro_use]\nmod m;\n\nmod z;\n",
                "#[macro_use]\nmod m;\n\nmod a;\nmod z;\n",
            ),
        ] {
            assert_eq!(with(source, "a"), expected);
        }
    }
}
