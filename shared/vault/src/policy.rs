//! The policy of a grant's secret: whom Secrets Manager lets at it at all.

use serde_json::json;

/// A resource policy that denies everything to everybody but `readers`, a pattern of the ARNs of IAM
/// roles. It allows nothing: what each of them may do is said by its own role. A denial here counts
/// against any role and policy of the account, the administrators' included.
///
/// Roles are matched by `aws:PrincipalArn`, which is the role's ARN with its path for every session of
/// it, and is absent, and so denied, where a service of AWS calls.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html>
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub(crate) fn only_for(readers: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "OnlyTandem",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "secretsmanager:*",
            "Resource": "*",
            "Condition": {"ArnNotLike": {"aws:PrincipalArn": readers}},
        }],
    })
    .to_string()
}
