//! The pages as a whole: none is forgotten, every link leads somewhere, every block is tested.

use std::collections::BTreeSet;
use std::path::Path;

use peak_book::{Page, blocks, folder, pages, workspace};

/// The files that a text links to, and the places in them, with the number of the line.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut in_block = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            in_block = !in_block;
        }
        if in_block {
            continue;
        }
        // Code between backticks may look like a link.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let mut rest = prose.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let (target, after) = after.split_once(')').expect("a link is closed");
            links.push((number + 1, target.to_owned()));
            rest = after;
        }
    }
    links
}

/// The names of the places in a page: its headings, as GitHub and mdBook name them.
fn places(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let heading = line.trim_start_matches('#').trim().to_lowercase();
            let kept = heading
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

/// The links that lead nowhere.
fn dead_links(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("pages are text");
    let here = path.parent().expect("a page is in a folder");
    let leads_nowhere = |link: &str| {
        let (file, place) = link.split_once('#').unwrap_or((link, ""));
        let target = if file.is_empty() {
            path.to_owned()
        } else {
            here.join(file)
        };
        if place.is_empty() {
            return !target.exists();
        }
        let text = std::fs::read_to_string(&target).unwrap_or_default();
        !places(&text).contains(place)
    };
    let links = links(&text).into_iter();
    links
        .filter(|(_, link)| !link.contains("://") && leads_nowhere(link))
        .map(|(line, link)| format!("{}:{line}: {link}", path.display()))
        .collect()
}

#[test]
fn every_page_is_in_the_summary() {
    let summary = std::fs::read_to_string(folder().join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<String> = links(&summary).into_iter().map(|(_, link)| link).collect();
    let there: BTreeSet<String> = pages()
        .iter()
        .map(|page| page.name().to_owned())
        .filter(|name| name != "SUMMARY.md")
        .collect();
    assert_eq!(listed, there, "the summary, and the files beside it");
    // The pages that are compiled are those right in the folder.
    let entries = std::fs::read_dir(folder()).unwrap();
    for entry in entries {
        let entry = entry.unwrap();
        assert!(entry.file_type().unwrap().is_file(), "{entry:?}");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let beside = ["README.md", "docs/architecture.md", "docs/performance.md"];
    let beside = beside.iter().map(|file| workspace().join(file));
    let pages = pages().into_iter().map(|page| page.path);
    let dead: Vec<String> = pages
        .chain(beside)
        .flat_map(|path| dead_links(&path))
        .collect();
    assert!(dead.is_empty(), "these lead nowhere: {dead:#?}");
}

/// What a page shows is compiled or run, or says in a comment above it why not.
#[test]
fn every_block_is_tested() {
    let mut wrong = Vec::new();
    for page in pages() {
        for block in page.blocks() {
            let said = block.not_run().is_some_and(|why| why.len() > 10);
            let tested = match block.info.split(',').next() {
                // Those of tests are run by the test `testing`, with the program of their page.
                Some("rust") => !block.has("ignore") || block.has("tests"),
                Some("yaml" | "python" | "toml" | "json" | "console") => true,
                _ => said,
            };
            if !tested {
                wrong.push(format!("{}:{}: {:?}", page.name(), block.line, block.info));
            }
        }
    }
    assert!(wrong.is_empty(), "nothing tests these: {wrong:#?}");
}

#[test]
fn blocks_are_read_as_they_stand() {
    let page = "a\n<!-- not run: why -->\n```rust,no_run\nlet x = 1;\n# hidden();\n    ## shown\n```\n```\n```\n";
    let found = blocks(page);
    assert_eq!(found.len(), 2);
    assert!(found[0].is("rust") && found[0].has("no_run") && !found[0].has("rust"));
    assert_eq!(found[0].line, 3);
    assert_eq!(found[0].comment.as_deref(), Some("not run: why"));
    assert_eq!(found[0].compiled(), "let x = 1;\nhidden();\n    # shown\n");
    assert_eq!(found[1].text, "");
}

/// The tables of who comes from elsewhere show code: that of their last column is run further down.
#[test]
fn what_the_translations_show_is_run() {
    let mut wrong = Vec::new();
    for page in pages()
        .iter()
        .filter(|page| page.name().starts_with("from-"))
    {
        let run = run_text(page);
        let rows = page.text.lines().filter(|line| line.starts_with("| "));
        for row in rows {
            let row = row.replace("\\|", "\u{0}");
            let cell = row.trim_end_matches([' ', '|']).rsplit('|').next();
            let cell = cell.unwrap_or_default().replace('\u{0}', "|");
            for code in cell
                .split('`')
                .skip(1)
                .step_by(2)
                .filter(|code| !is_word(code))
            {
                if !code.split('…').all(|part| run.contains(&squeezed(part))) {
                    wrong.push(format!("{}: `{code}` stands in no block", page.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Whether this is no code but a flag, a key or a name.
fn is_word(code: &str) -> bool {
    let of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    code.chars().all(of_word)
}

/// All that is run of a page, and the names that a shell or a file knows.
fn run_text(page: &Page) -> String {
    let blocks = page.blocks();
    let texts = blocks.iter().map(|block| squeezed(&block.text));
    texts.collect::<Vec<_>>().join(" ")
}

/// Without the blanks and the line breaks that a formatter puts in.
fn squeezed(code: &str) -> String {
    code.split_whitespace().collect()
}
