//! The code blocks of a page.

/// A fenced block of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The number of the line of its fence, from 1.
    pub line: usize,
    /// What stands behind the fence, such as `rust,no_run`.
    pub info: String,
    /// Its lines.
    pub text: String,
    /// The comment that stands right above it, without its marks.
    pub comment: Option<String>,
}

impl Block {
    /// Whether its language, the first word behind the fence, is this one.
    pub fn is(&self, language: &str) -> bool {
        self.words().next() == Some(language)
    }

    /// Whether this word stands behind the language.
    pub fn has(&self, word: &str) -> bool {
        self.words().skip(1).any(|other| other == word)
    }

    /// Why it is not run, if the page says so above it.
    pub fn not_run(&self) -> Option<&str> {
        self.comment.as_deref()?.strip_prefix("not run: ")
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.info.split(',')
    }

    /// The text as the compiler sees it: with the lines that readers do not see, which begin with `#`.
    pub fn compiled(&self) -> String {
        let line = |line: &str| {
            let (indent, code) = line.split_at(line.len() - line.trim_start().len());
            let code = match code.strip_prefix('#') {
                Some("") => "",
                Some(rest) if rest.starts_with('#') => rest,
                Some(rest) => rest.strip_prefix(' ').unwrap_or(code),
                None => code,
            };
            format!("{indent}{code}\n")
        };
        self.text.lines().map(line).collect()
    }
}

/// The blocks of a page, in its order.
///
/// # Panics
///
/// If a block is not closed.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut above = "";
    for (number, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block {
                    line: number + 1,
                    info: info.to_owned(),
                    text: String::new(),
                    comment: comment(above),
                });
            }
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => above = line,
        }
    }
    assert!(open.is_none(), "a block is not closed: {open:?}");
    blocks
}

fn comment(line: &str) -> Option<String> {
    let comment = line.strip_prefix("<!--")?.strip_suffix("-->")?;
    Some(comment.trim().to_owned())
}
