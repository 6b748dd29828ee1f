//! What each function does at AWS, held against what its role and the keys' policies allow: each call
//! as it is made, and at the end of the story of everything what was never made. And each call of the
//! table against what it may read: no more than a key names.

mod access;
mod bounds;
pub mod statement;
mod text;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, LazyLock, Mutex},
};

use serde_json::Value;
use tandem_local::caller::{Call, CallObserver};

pub use self::{
    access::accesses,
    bounds::unbound,
    statement::{Access, Statement},
};
use self::{statement::Condition, text::arn};

/// What only AWS itself does with a function's role, which no call of the stack shows.
const BY_AWS: [(&str, &str); 3] = [
    // The service writes what the function prints.
    // <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html>
    ("", "logs:CreateLogStream"),
    ("", "logs:PutLogEvents"),
    // The event source mapping looks at the queue; it also takes and deletes messages, which the
    // stack's does too.
    // <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>
    ("delivery", "sqs:GetQueueAttributes"),
];

/// The roles of the functions and the policies of the keys.
pub struct Policies {
    /// By the function's name: its role's ARN, and what that allows.
    roles: BTreeMap<String, (String, Vec<Statement>)>,
    /// By the key's ARN, with its logical id.
    keys: BTreeMap<String, (String, Vec<Statement>)>,
    /// The key under which DynamoDB keeps the table, if it is one of them.
    table_key: Option<String>,
    /// Who is meant by "the account", which leaves it to IAM.
    root: String,
}

/// What allowed an access: rights that were used.
type Allowed = BTreeSet<String>;

impl Policies {
    /// Reads those of a template.
    pub fn of(template: &Value) -> Self {
        let read = |policy: &Value| -> Vec<Statement> {
            let statements = text::members(&policy["Statement"]);
            statements.into_iter().map(|it| Statement::read(template, it)).collect()
        };
        let (mut roles, mut keys) = (BTreeMap::new(), BTreeMap::new());
        for (id, resource) in template["Resources"].as_object().unwrap() {
            let properties = &resource["Properties"];
            match resource["Type"].as_str().unwrap() {
                "AWS::Serverless::Function" => {
                    let role = properties["Role"]["Fn::GetAtt"][0].as_str().unwrap();
                    let policies = &template["Resources"][role]["Properties"];
                    for other in ["ManagedPolicyArns", "PermissionsBoundary"] {
                        assert!(policies.get(other).is_none(), "{role} has {other}");
                    }
                    let policies = policies["Policies"].as_array().unwrap().iter();
                    let statements = policies.flat_map(|policy| read(&policy["PolicyDocument"]));
                    let name = properties["CodeUri"].as_str().unwrap();
                    let name = name.strip_prefix("functions/").unwrap().to_owned();
                    roles.insert(name, (arn(template, role), statements.collect()));
                }
                "AWS::KMS::Key" => {
                    let statements = read(&properties["KeyPolicy"]);
                    keys.insert(arn(template, id), (id.clone(), statements));
                }
                _ => {}
            }
        }
        let table_key = &template["Resources"]["Table"]["Properties"]["SSESpecification"];
        let table_key = table_key.get("KMSMasterKeyId").map(|key| text::text_of(template, key));
        Self { roles, keys, table_key, root: format!("arn:aws:iam::{}:root", text::ACCOUNT) }
    }

    /// What allows a function an access; or that nothing does.
    pub fn allow(&self, function: &str, access: &Access) -> Result<Allowed, String> {
        let role = self.roles.get(function).ok_or_else(|| format!("{function} has no role"))?;
        let mut access = access.clone();
        access.context.insert("aws:PrincipalArn".to_owned(), vec![role.0.clone()]);
        let mut used = self.allow_one(function, role, &access)?;
        if let Some(key) = &self.table_key
            && access.action.starts_with("dynamodb:")
        {
            let mut opened = access::use_by_table(key);
            opened.context.append(&mut access.context);
            used.extend(self.allow_one(function, role, &opened)?);
        }
        Ok(used)
    }

    fn allow_one(
        &self,
        function: &str,
        (role, statements): &(String, Vec<Statement>),
        access: &Access,
    ) -> Result<Allowed, String> {
        let refused = || format!("{function}: {} on {}", access.action, access.resource);
        let by_role = decide(statements, access, |_| true);
        let Some((key, policy)) = self.keys.get(&access.resource) else {
            let (statement, found) = by_role.ok_or_else(refused)?;
            return Ok(rights(function, statement, found, access));
        };
        let refused = || format!("{}, with {:?}", refused(), access.context);
        let named = |it: &Statement| it.principals.iter().any(|who| who == role || who == "*");
        let account = |it: &Statement| it.principals.contains(&self.root);
        let concerned = policy.iter().filter(|it| named(it) || account(it));
        if statements.iter().chain(concerned).any(|it| it.denies(access)) {
            return Err(refused());
        }
        // A key's policy allows by itself; what it gives the account, the role must allow as well.
        if let Some((statement, found)) = decide(policy, access, named) {
            return Ok(rights(&format!("{key} for {function}"), statement, found, access));
        }
        let left_to_iam = decide(policy, access, account).and(by_role);
        let (statement, found) = left_to_iam.ok_or_else(refused)?;
        Ok(rights(function, statement, found, access))
    }

    /// Every right that a function has; but not what only AWS uses.
    pub fn all(&self) -> BTreeSet<String> {
        let by_aws = |function: &str, action: &str| {
            BY_AWS.iter().any(|(of, what)| (of.is_empty() || *of == function) && *what == action)
        };
        let mut all = BTreeSet::new();
        for (function, (role, statements)) in &self.roles {
            for statement in statements.iter().filter(|it| it.allows) {
                for action in statement.actions.iter().filter(|it| !by_aws(function, it)) {
                    let each = statement.resources.iter();
                    all.extend(each.map(|it| right(function, statement, (action, it))));
                    all.extend(
                        statement
                            .conditions
                            .iter()
                            .flat_map(|it| listed(function, statement, it, |_| true)),
                    );
                }
            }
            for (key, policy) in self.keys.values() {
                let whose = format!("{key} for {function}");
                let named = policy.iter().filter(|it| it.allows && it.principals.contains(role));
                for (statement, action) in
                    named.flat_map(|it| it.actions.iter().map(move |of| (it, of)))
                {
                    let each = statement.resources.iter();
                    all.extend(each.map(|it| right(&whose, statement, (action, it))));
                }
            }
        }
        all
    }
}

/// The first statement that allows an access, and where in it, unless one denies it.
fn decide<'a>(
    statements: &'a [Statement],
    access: &Access,
    concerns: impl Fn(&Statement) -> bool,
) -> Option<(&'a Statement, (&'a str, &'a str))> {
    if statements.iter().filter(|it| concerns(it)).any(|it| it.denies(access)) {
        return None;
    }
    let mut allowing = statements.iter().filter(|it| it.allows && concerns(it));
    allowing.find_map(|statement| Some((statement, statement.covers(access)?)))
}

/// How a right is called: whose it is, in which statement it stands, what may be done to what.
fn right(whose: &str, statement: &Statement, (action, resource): (&str, &str)) -> String {
    format!("{whose}, {}: {action} on {resource}", statement.sid)
}

/// The rights of a statement that an access used.
fn rights(whose: &str, statement: &Statement, found: (&str, &str), access: &Access) -> Allowed {
    let mut used = Allowed::from([right(whose, statement, found)]);
    for condition in &statement.conditions {
        let given = access.context.get(&condition.key).into_iter().flatten();
        let given: Vec<&String> = given.collect();
        let met = |wanted: &str| given.iter().any(|value| condition.admits(wanted, value));
        used.extend(listed(whose, statement, condition, met));
    }
    used
}

/// The values of a condition that lets several in; each is a right of its own.
fn listed(
    whose: &str,
    statement: &Statement,
    condition: &Condition,
    which: impl Fn(&str) -> bool,
) -> Vec<String> {
    let values = condition.values.iter().filter(|it| condition.is_list() && which(it));
    values
        .map(|it| format!("{whose}, {}: where {} is {it}", statement.sid, condition.key))
        .collect()
}

/// Those of the template.
static POLICIES: LazyLock<Policies> = LazyLock::new(|| {
    Policies::of(&serde_saphyr::from_str(include_str!("../../../template.yaml")).unwrap())
});

/// Watches over what the functions of a stack do. When it is dropped, at the end of a test, nothing
/// may have been done that is not allowed.
#[derive(Default)]
pub struct Rights(Arc<Seen>);

#[derive(Default)]
struct Seen {
    used: Mutex<BTreeSet<String>>,
    refused: Mutex<BTreeSet<String>>,
}

impl Seen {
    fn see(&self, call: &Call<'_>) {
        if let Some(why) = unbound(call.target, call.body) {
            self.refused.lock().unwrap().insert(format!("{}: {why}", call.function));
        }
        let allowed = accesses(call.target, call.body).and_then(|accesses| {
            let each = accesses.iter().map(|access| POLICIES.allow(call.function, access));
            each.collect::<Result<Vec<_>, _>>()
        });
        match allowed {
            Ok(used) => self.used.lock().unwrap().extend(used.into_iter().flatten()),
            Err(why) => {
                self.refused.lock().unwrap().insert(why);
            }
        }
    }
}

impl Rights {
    /// Sees each call.
    pub fn observer(&self) -> CallObserver {
        let seen = Arc::clone(&self.0);
        Arc::new(move |call: &Call<'_>| seen.see(call))
    }

    /// What was done and is not allowed.
    pub fn refused(&self) -> Vec<String> {
        self.0.refused.lock().unwrap().iter().cloned().collect()
    }

    /// The rights that were never used.
    pub fn unused(&self) -> Vec<String> {
        let used = self.0.used.lock().unwrap();
        POLICIES.all().into_iter().filter(|right| !used.contains(right)).collect()
    }
}

impl Drop for Rights {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let refused = self.refused();
        assert!(refused.is_empty(), "done, and not allowed by the template: {refused:#?}");
    }
}
