//! Every request against the published contract.

use serde_json::json;
use tandem_domain::{AccountId, IssueTypeId, TransitionId};

use super::*;
use crate::fake::{Recorded, shared_json};

#[tokio::test]
async fn every_request_is_one_the_contract_knows() {
    let Some(contract) = shared_json("contracts/jira-platform-v3.json") else { return };
    let stage = Stage::new(vec![]).await;
    let (site, issue, comment) = (stage.site(), issue_id(), comment_id());
    let adf = json!({"type": "doc", "version": 1, "content": []});
    let url = Url::parse("https://teams.microsoft.com/l/chat/1").unwrap();
    let link = RemoteLink {
        global_id: "tandem:chat=1",
        url: &url,
        title: "Chat",
        summary: Some("A chat"),
        application_type: "com.example.tandem",
        application_name: "Tandem",
        relationship: Some("is discussed in"),
    };
    // The fake refuses all of it: what was asked is what counts.
    drop(site.myself().await);
    drop(site.get_user(&AccountId::parse(ACCOUNT).unwrap()).await);
    drop(site.permissions(&[Permission::Administer], PermissionContext::Site).await);
    drop(site.permissions(&[Permission::BrowseProjects], PermissionContext::Issue(&issue)).await);
    drop(site.get_issue(&issue).await);
    drop(site.get_comment(&issue, &comment).await);
    drop(site.list_comments(&issue, 5).await);
    drop(site.add_comment(&issue, &adf, &[("tandem", json!(1))]).await);
    drop(site.update_comment(&issue, &comment, &adf, &[("tandem", json!(1))]).await);
    drop(site.delete_comment(&issue, &comment).await);
    drop(site.get_comment_property(&comment, "tandem").await);
    drop(site.put_remote_link(&issue, &link).await);
    drop(site.delete_remote_link(&issue, "tandem:chat=1").await);
    let (project, account) = (project_id(), account_id());
    let issue_type = IssueTypeId::parse("10002").unwrap();
    let page = PageToken::new("next".to_owned());
    drop(site.my_time_zone().await);
    drop(site.search("project = DEMO", 25, Some(&page)).await);
    drop(site.list_projects("demo", 500).await);
    drop(site.list_visible_projects("demo", 500).await);
    drop(site.get_project("DEMO").await);
    drop(site.list_issue_types(&project).await);
    drop(site.list_create_fields(&project, &issue_type).await);
    drop(site.create_issue(&json!({"summary": "a"}), &[("tandem", json!(1))]).await);
    drop(site.list_transitions(&issue).await);
    drop(site.transition(&issue, &TransitionId::parse("31").unwrap()).await);
    drop(site.assign(&issue, Some(&account)).await);
    drop(site.list_assignable(&project, "ada", 10).await);
    drop(site.list_assignable(&issue, "", 10).await);
    drop(site.list_watchers(&issue).await);
    drop(site.watch(&issue, &account).await);
    drop(site.unwatch(&issue, &account).await);
    drop(site.list_priorities().await);
    let requests = stage.fake.requests();
    assert_eq!(requests.len(), 30);
    for request in &requests {
        assert_known(&contract, request);
    }
}

/// Fails unless the contract has the operation, each query parameter, and each property of the
/// body down to the second level.
fn assert_known(contract: &Value, request: &Recorded) {
    let path = request.path.strip_prefix(ROOT).unwrap();
    let operations = contract["paths"].as_object().unwrap();
    let matches = |template: &str| {
        let (ours, theirs) = (path.split('/'), template.split('/'));
        ours.clone().count() == theirs.clone().count()
            && ours.zip(theirs).all(|(our, their)| our == their || their.starts_with('{'))
    };
    let method = request.method.to_lowercase();
    let operation = operations
        .iter()
        .filter(|(template, _)| matches(template))
        .find_map(|(_, item)| item.get(&method))
        .unwrap_or_else(|| panic!("no {method} {path}"));
    let empty = Vec::new();
    let parameters = operation["parameters"].as_array().unwrap_or(&empty);
    let named = |name: &str| parameters.iter().any(|p| p["in"] == "query" && p["name"] == name);
    for name in request.query.keys() {
        assert!(named(name), "{method} {path}: query {name}");
    }
    assert_eq!(request.body.is_empty(), operation["requestBody"].is_null(), "{method} {path}");
    if !request.body.is_empty() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_shape(contract, schema, &request.json(), 2, path);
    }
}

fn assert_shape(contract: &Value, schema: &Value, value: &Value, depth: u8, at: &str) {
    let schema = schema.pointer("/allOf/0").unwrap_or(schema);
    let schema = match schema["$ref"].as_str() {
        Some(pointer) => contract.pointer(pointer.trim_start_matches('#')).unwrap(),
        None => schema,
    };
    let (Some(fields), Some(known)) = (value.as_object(), schema["properties"].as_object()) else {
        return;
    };
    for required in schema["required"].as_array().into_iter().flatten() {
        assert!(fields.contains_key(required.as_str().unwrap()), "{at}: {required} is missing");
    }
    for (name, inner) in fields {
        let inner_schema = known.get(name).unwrap_or_else(|| panic!("{at}: unknown {name}"));
        assert!(inner_schema["readOnly"] != true, "{at}: {name} is read-only");
        if depth > 1 {
            assert_shape(contract, inner_schema, inner, depth - 1, &format!("{at} {name}"));
        }
    }
}
