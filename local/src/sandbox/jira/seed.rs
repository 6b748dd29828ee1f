//! Putting sites, users, projects and issues into the cloud, beneath any permission and without
//! webhooks.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    JiraSandbox, adf, catalogue,
    model::{
        AccountType, ChoiceField, Comment, Group, Issue, Member, Project, ProjectKind,
        SecurityLevel, Site, User, Workflow,
    },
    random,
};

/// A user to be made. Fill in what matters: `NewUser { display_name: .., ..Default::default() }`.
#[derive(Clone, Debug, Default)]
pub struct NewUser {
    /// The account id; `None` makes one of the form `712020:<uuid>`.
    pub account_id: Option<String>,
    /// The name others see.
    pub display_name: String,
    /// The address; only the user sees it.
    pub email: String,
    /// What kind of account it is.
    pub account_type: AccountType,
}

/// A project to be made.
#[derive(Clone, Debug, Default)]
pub struct NewProject {
    /// The project's id; `None` makes one.
    pub id: Option<String>,
    /// The key: upper-case letters.
    pub key: String,
    /// The name.
    pub name: String,
    /// What kind it is; service desks have internal comments.
    pub kind: ProjectKind,
    /// The account ids of those who may browse it; `None`: every member of the site.
    pub browsers: Option<Vec<String>>,
    /// The account ids of its administrators.
    pub admins: Vec<String>,
    /// Roles besides `Administrators`, with the account ids in them.
    pub roles: BTreeMap<String, Vec<String>>,
    /// The account ids of those who may browse it and do nothing there.
    pub readers: Vec<String>,
    /// Which transitions its issues can take.
    pub workflow: Workflow,
    /// Fields of its own.
    pub choice_fields: Vec<ChoiceField>,
}

/// An issue to be made.
#[derive(Clone, Debug, Default)]
pub struct NewIssue {
    /// The issue's id; `None` makes one.
    pub id: Option<String>,
    /// The project's id or key.
    pub project: String,
    /// The summary.
    pub summary: String,
    /// The description as plain text.
    pub description: Option<String>,
    /// The reporter's account id.
    pub reporter: String,
    /// The assignee's account id.
    pub assignee: Option<String>,
    /// Who alone may see it, if not everybody in the project.
    pub security: Option<SecurityLevel>,
    /// The issue type's id or name; `None`: a task.
    pub issue_type: Option<String>,
    /// The priority's id or name; `None`: medium.
    pub priority: Option<String>,
    /// The labels.
    pub labels: Vec<String>,
}

/// What [`JiraSandbox::seed_demo`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demo {
    /// The site.
    pub cloud_id: String,
    /// The project `DEMO`.
    pub project_id: String,
    /// The users' account ids; the first administers the site.
    pub users: [String; 3],
    /// The issues' ids.
    pub issues: [String; 2],
}

const DEMO_CLOUD: &str = "6f2d7a3c-41be-4c58-9d0e-8b1f5a7c2e90";
const DEMO_USERS: [(&str, &str, &str); 3] = [
    ("712020:1c9f8e52-7b64-4d3a-a0e1-5f2b6c8d9e01", "Ada Berg", "ada@demo.example"),
    ("712020:2d8e7f41-6a53-4c29-b1f2-4e3c7d9fa012", "Ben Okoye", "ben@demo.example"),
    ("5c5f880629be9642ba529341", "Cleo Marsh", "cleo@demo.example"),
];

impl JiraSandbox {
    /// Makes a site, or gives the one with this id a new host and secret. The secret signs its
    /// webhooks; an empty one leaves them unsigned.
    pub fn add_site(&self, cloud_id: &str, host: &str, webhook_secret: &str) {
        self.change(|cloud| {
            let site = cloud.sites.entry(cloud_id.to_owned()).or_insert_with(|| Site {
                cloud_id: cloud_id.to_owned(),
                host: String::new(),
                webhook_secret: String::new(),
                members: BTreeMap::new(),
                groups: BTreeMap::new(),
                projects: BTreeMap::new(),
                issues: BTreeMap::new(),
                webhooks: Vec::new(),
                viewed: BTreeMap::new(),
            });
            host.clone_into(&mut site.host);
            webhook_secret.clone_into(&mut site.webhook_secret);
        });
    }

    /// Makes a user, or changes the one with this account id; gives the account id.
    pub fn add_user(&self, new: NewUser) -> String {
        let now = self.now();
        let account_id = new.account_id.unwrap_or_else(|| format!("712020:{}", random::uuid()));
        let user = User {
            account_id: account_id.clone(),
            display_name: new.display_name,
            email: new.email,
            account_type: new.account_type,
            time_zone: "Europe/Berlin".to_owned(),
            closed: false,
            updated: now,
        };
        self.change(|cloud| cloud.users.insert(account_id.clone(), user));
        account_id
    }

    /// Closes a user's account: no sign-in, no token, and `closed` in personal data reports.
    pub fn close_user(&self, account_id: &str) {
        let now = self.now();
        self.change(|cloud| {
            if let Some(user) = cloud.users.get_mut(account_id) {
                user.closed = true;
                user.updated = now;
            }
        });
    }

    /// Changes a user's profile: `updated` in personal data reports.
    pub fn update_user(&self, account_id: &str) {
        let now = self.now();
        self.change(|cloud| {
            if let Some(user) = cloud.users.get_mut(account_id) {
                user.updated = now;
            }
        });
    }

    /// Within what time accounts are to be reported from now on: an ISO 8601 duration.
    pub fn set_report_cycle(&self, cycle: &str) {
        self.change(|cloud| cloud.report_cycle = Some(cycle.to_owned()));
    }

    /// Lets a user into a site, as its administrator or not. An unknown site is passed over.
    pub fn add_member(&self, cloud_id: &str, account_id: &str, admin: bool) {
        self.change(|cloud| {
            if let Some(site) = cloud.sites.get_mut(cloud_id) {
                site.members.insert(account_id.to_owned(), Member { admin });
            }
        });
    }

    /// Makes a group of a site, or replaces its members.
    pub fn add_group(&self, cloud_id: &str, name: &str, members: &[&str]) {
        self.change(|cloud| {
            if let Some(site) = cloud.sites.get_mut(cloud_id) {
                let group = site
                    .groups
                    .entry(name.to_owned())
                    .or_insert_with(|| Group { id: random::uuid(), members: BTreeSet::new() });
                group.members = members.iter().map(|&member| member.to_owned()).collect();
            }
        });
    }

    /// Makes a project and gives its id. With an id that exists already, nothing is changed.
    pub fn add_project(&self, cloud_id: &str, new: NewProject) -> String {
        self.change(|cloud| {
            let id = new.id.unwrap_or_else(|| cloud.next_id());
            cloud.reserve_id(&id);
            if let Some(site) = cloud.sites.get_mut(cloud_id) {
                let roles = new.roles.into_iter();
                site.projects.entry(id.clone()).or_insert(Project {
                    id: id.clone(),
                    key: new.key,
                    name: new.name,
                    kind: new.kind,
                    browsers: new.browsers.map(|browsers| browsers.into_iter().collect()),
                    admins: new.admins.into_iter().collect(),
                    roles: roles.map(|(name, of)| (name, of.into_iter().collect())).collect(),
                    last_issue: 0,
                    readers: new.readers.into_iter().collect(),
                    workflow: new.workflow,
                    choice_fields: new.choice_fields,
                });
            }
            id
        })
    }

    /// Makes an issue and gives its id. An unknown project is passed over; with an id that exists
    /// already, nothing is changed.
    pub fn add_issue(&self, cloud_id: &str, new: NewIssue) -> String {
        let now = self.now();
        self.change(|cloud| {
            let id = new.id.clone().unwrap_or_else(|| cloud.next_id());
            cloud.reserve_id(&id);
            let Some(site) = cloud.sites.get_mut(cloud_id) else { return id };
            let Some(project_id) = site.project(&new.project).map(|project| project.id.clone())
            else {
                return id;
            };
            let Some(project) = site.projects.get_mut(&project_id) else { return id };
            if !site.issues.contains_key(&id) {
                project.last_issue += 1;
                let key = format!("{}-{}", project.key, project.last_issue);
                site.issues.insert(id.clone(), new.into_issue(&id, key, project_id, now));
            }
            id
        })
    }

    /// Makes a comment with this id, for everybody who sees the issue. An unknown issue is passed
    /// over.
    pub fn add_comment(&self, cloud_id: &str, issue: &str, id: &str, author: &str, text: &str) {
        let now = self.now();
        self.change(|cloud| {
            cloud.reserve_id(id);
            let site = cloud.sites.get_mut(cloud_id);
            if let Some(issue) = site.and_then(|site| site.issues.get_mut(issue)) {
                issue.comments.push(Comment {
                    id: id.to_owned(),
                    author: author.to_owned(),
                    update_author: author.to_owned(),
                    body: adf::from_text(text),
                    created: now,
                    updated: now,
                    visibility: None,
                    internal: false,
                    properties: BTreeMap::new(),
                });
            }
        });
    }

    /// The comments of an issue, oldest first, whoever may see them; none where there is no such
    /// issue. The issue is named by its id or key.
    pub fn comments(&self, cloud_id: &str, issue: &str) -> Vec<Comment> {
        self.read(|cloud| {
            let issue = cloud.sites.get(cloud_id).and_then(|site| site.issue(issue));
            issue.map(|issue| issue.comments.clone()).unwrap_or_default()
        })
    }

    /// Makes the demo site `demo.atlassian.net` with one project, three users and two issues. Bugs
    /// of the project demand a severity. Run again, it changes nothing but the secret.
    pub fn seed_demo(&self, webhook_secret: &str) -> Demo {
        self.add_site(DEMO_CLOUD, "demo.atlassian.net", webhook_secret);
        let users = DEMO_USERS.map(|(account_id, display_name, email)| {
            if self.read(|cloud| cloud.users.contains_key(account_id)) {
                return account_id.to_owned();
            }
            self.add_user(NewUser {
                account_id: Some(account_id.to_owned()),
                display_name: display_name.to_owned(),
                email: email.to_owned(),
                account_type: AccountType::Atlassian,
            })
        });
        for (index, user) in users.iter().enumerate() {
            self.add_member(DEMO_CLOUD, user, index == 0);
        }
        let project_id = self.add_project(
            DEMO_CLOUD,
            NewProject {
                id: Some("10000".to_owned()),
                key: "DEMO".to_owned(),
                name: "Demonstration".to_owned(),
                roles: BTreeMap::from([("Developers".to_owned(), users.to_vec())]),
                choice_fields: vec![severity()],
                ..NewProject::default()
            },
        );
        let issue = |id: &str, summary: &str, description: &str, assignee: &str| {
            self.add_issue(
                DEMO_CLOUD,
                NewIssue {
                    id: Some(id.to_owned()),
                    project: project_id.clone(),
                    summary: summary.to_owned(),
                    description: Some(description.to_owned()),
                    reporter: users[0].clone(),
                    assignee: Some(assignee.to_owned()),
                    ..NewIssue::default()
                },
            )
        };
        let issues = [
            issue(
                "10001",
                "The kettle in the kitchen never switches itself off",
                "It went on boiling through the whole of lunch.\n\nUnplugging it helps.",
                &users[1],
            ),
            issue("10002", "Find a date for the spring outing", "Any Friday in May.", &users[2]),
        ];
        Demo { cloud_id: DEMO_CLOUD.to_owned(), project_id, users, issues }
    }
}

/// The field that bugs of the demo project demand.
fn severity() -> ChoiceField {
    let option = |id: &str, name: &str| (id.to_owned(), name.to_owned());
    ChoiceField {
        id: "customfield_10050".to_owned(),
        name: "Severity".to_owned(),
        issue_type: "10003".to_owned(),
        required: true,
        options: vec![
            option("10071", "Critical"),
            option("10072", "Major"),
            option("10073", "Minor"),
        ],
    }
}

impl NewIssue {
    fn into_issue(self, id: &str, key: String, project_id: String, now: i64) -> Issue {
        let chosen = |list, wanted: Option<String>, default: &str| {
            let found = wanted.and_then(|wanted| catalogue::named(list, &wanted));
            found.map_or(default, |found| found.id).to_owned()
        };
        Issue {
            id: id.to_owned(),
            key,
            project_id,
            kind: chosen(catalogue::ISSUE_TYPES, self.issue_type, catalogue::DEFAULT_ISSUE_TYPE),
            status: catalogue::FIRST_STATUS.to_owned(),
            priority: chosen(catalogue::PRIORITIES, self.priority, catalogue::DEFAULT_PRIORITY),
            summary: self.summary,
            description: self.description.as_deref().map(adf::from_text),
            assignee: self.assignee,
            creator: self.reporter.clone(),
            watchers: [self.reporter.clone()].into(),
            reporter: self.reporter,
            labels: self.labels,
            security: self.security,
            created: now,
            updated: now,
            comments: Vec::new(),
            remote_links: Vec::new(),
            properties: BTreeMap::new(),
            resolution: None,
            choices: BTreeMap::new(),
        }
    }
}
