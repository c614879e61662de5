# To be sourced by a script of the task AzureCLI@2 with addSpnToEnvironment: turns the token of its service connection
# (workload identity federation) into what the plugin, the command line and Pulumi's state in Azure Storage read.
: "${idToken:?the service connection is not one with workload identity federation}"
AZURE_FEDERATED_TOKEN_FILE=$(mktemp "$AGENT_TEMPDIRECTORY/token.XXXXXX")
printf %s "$idToken" >"$AZURE_FEDERATED_TOKEN_FILE"
export AZURE_FEDERATED_TOKEN_FILE AZURE_CLIENT_ID="$servicePrincipalId" AZURE_TENANT_ID="$tenantId"
