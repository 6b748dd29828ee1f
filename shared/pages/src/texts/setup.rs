//! What is to be done first, in order, by who operates Tandem.

texts! {
    /// The checklist. What stands between braces in a command is for the reader to fill in.
    Setup {
        title: "Setting up",
        heading: "Setting up Tandem",
        lead: "Everything that is to be done before people can use it, in order, with the addresses of this \
               deployment. The commands are for a stack called tandem; docs/OPERATIONS.md explains each.",
        lead_outside: "Once you have connected your accounts, this page also says what is done for your site.",
        connect: "Connect",
        lead_inside: "What is marked is looked at now, for your own site:",
        to_site: "The state of the site",

        done: "Done",
        open: "To do",
        unknown: "Cannot be known here",
        jira_silent: "Jira could not be asked just now",

        scope: "Permission",
        why: "What for",
        address: "Address to paste",
        command: "Commands",

        atlassian: "Register with Atlassian",
        atlassian_text: "In Atlassian's developer console, an OAuth 2.0 integration with these permissions.",
        atlassian_callback: "Callback address",
        atlassian_scopes: "Permissions at Atlassian",

        microsoft: "Register with Microsoft Entra",
        microsoft_text: "An app registration for the web platform with these delegated permissions of Microsoft \
                         Graph, and a client secret.",
        microsoft_redirect: "Redirect URI",
        microsoft_scopes: "Permissions at Microsoft",

        bot: "Make the bot",
        bot_text: "An Azure Bot of the type single tenant, with the channel Microsoft Teams.",
        bot_endpoint: "Messaging endpoint",

        deploy: "Deploy",
        deploy_text: "It asks for the public address, the ids of the three, and where alarms go.",
        deploy_command: "sam build\nsam deploy --guided",

        secret: "Fill the app's secret",
        secret_text: "The client secrets of the three and a signing key. Without them no function starts, and this \
                      page could not be shown. Keep what you put: you cannot read it back.",
        secret_command: "read -rsp 'Atlassian client secret: ' atlassian\n\
                         read -rsp 'Microsoft client secret: ' microsoft\n\
                         read -rsp 'Bot client secret: ' bot\n\
                         app=$(jq -n --arg a \"$atlassian\" --arg m \"$microsoft\" --arg b \"$bot\" --arg s \"$(openssl rand -base64 32)\" \\\n  \
                         '{atlassian_client_secret: $a, microsoft_client_secret: $m, bot_client_secret: $b, signing_key: $s}')\n\
                         aws secretsmanager put-secret-value --secret-id {prefix}/app \\\n  \
                         --secret-string file:///dev/stdin <<<\"$app\"",

        install: "Install the Jira site",
        install_text: "The cloud id of a site stands at https://{site}.atlassian.net/_edge/tenant_info. First a \
                       secret for its webhook, then the site itself.",
        install_command: "cloud_id={cloud id}\n\
                          key=$(aws cloudformation describe-stacks --stack-name tandem \\\n  \
                          --query \"Stacks[0].Outputs[?OutputKey=='SecretsKeyArn'].OutputValue\" --output text)\n\
                          aws secretsmanager create-secret --name \"{prefix}/webhook/$cloud_id\" --kms-key-id \"$key\"\n\
                          aws secretsmanager get-resource-policy --secret-id {prefix}/app --query ResourcePolicy --output text |\n  \
                          aws secretsmanager put-resource-policy --secret-id \"{prefix}/webhook/$cloud_id\" \\\n    \
                          --block-public-policy --resource-policy file:///dev/stdin\n\
                          secret=$(openssl rand -base64 32)\n\
                          jq -n --arg s \"$secret\" '{secrets: [$s]}' |\n  \
                          aws secretsmanager put-secret-value --secret-id \"{prefix}/webhook/$cloud_id\" \\\n    \
                          --secret-string file:///dev/stdin\n\
                          aws lambda invoke --function-name tandem-upkeep --cli-binary-format raw-in-base64-out \\\n  \
                          --payload \"{\\\"command\\\":\\\"install\\\",\\\"cloudId\\\":\\\"$cloud_id\\\",\\\"siteHost\\\":\\\"{site}.atlassian.net\\\"}\" \\\n  \
                          /dev/stdout",

        webhook: "Register the webhook in Jira",
        webhook_text: "In Jira, System, WebHooks: this address, the secret of the step before, and the events \
                       comment created, updated, deleted; issue created, updated, deleted.",
        webhook_address: "Address of the webhook",

        link: "Connect your accounts",
        link_text: "Each person does so once, at this address.",
        link_address: "Address for everybody",

        admin: "Administer the site",
        admin_text: "Somebody whom Jira gives the permission ADMINISTER sets what may cross, and sees how the site \
                     fares.",

        app: "Install the Teams app",
        app_text: "Make the package, upload it in the Teams admin center, and add it for people. docs/TEAMS-APP.md \
                   has the ids that it needs. The mark says whether the bot reaches you.",
        app_command: "aws cloudformation describe-stacks --stack-name tandem | apps/teams/package --outputs -",

        chat: "Start a chat from an issue",
        chat_text: "Write a comment on the issue: it arrives in the chat under your name.",

        alarms: "Confirm the alarms' mail",
        alarms_text: "Amazon sent a mail to the address of AlarmEmail; until its link is followed, alarms reach \
                      nobody. Only the AWS console knows.",

        read_jira_work: "reads issues and comments, as the person",
        write_jira_work: "writes comments and changes issues, as the person",
        read_jira_user: "finds who is on an issue, to start a chat with them",
        report_personal_data: "tells Atlassian which accounts are kept, and learns which were closed",
        manage_jira_webhook: "registers the webhook by itself, for an administrator who wants that",
        offline_access: "goes on acting for the person while they are not signed in",
        openid: "knows who signs in",
        profile: "knows to which organisation they belong",
        chat_create: "starts the chat of an issue, as the person",
        chat_read_write: "reads what is written in linked chats, and who is in them",
        chat_message_send: "posts in the chat, as the person",
        other: "see docs/OPERATIONS.md",
    }
}
