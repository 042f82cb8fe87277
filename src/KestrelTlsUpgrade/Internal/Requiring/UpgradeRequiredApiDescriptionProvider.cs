using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>Adds the 426 to the API description, and so to the OpenAPI document.</summary>
internal sealed class UpgradeRequiredApiDescriptionProvider(EndpointDataSource endpoints, IModelMetadataProvider? models = null)
    : IApiDescriptionProvider
{
    private readonly IModelMetadataProvider _models = models ?? new EmptyModelMetadataProvider();

    /// <summary>Runs after the providers that find the endpoints.</summary>
    public int Order => 0;

    public void OnProvidersExecuting(ApiDescriptionProviderContext context)
    {
        // Metadata added for all controllers is on their endpoints, not on the actions.
        var ofActions = endpoints.Endpoints
            .Select(static endpoint => (Action: endpoint.Metadata.GetMetadata<ActionDescriptor>(), endpoint))
            .Where(static pair => pair.Action is not null)
            .ToLookup(static pair => pair.Action!, static pair => pair.endpoint.Metadata.GetMetadata<IRequireTlsUpgradeMetadata>());
        foreach (var description in context.Results)
        {
            var action = description.ActionDescriptor;
            var metadata = ofActions.Contains(action)
                ? ofActions[action]
                : [action.EndpointMetadata?.OfType<IRequireTlsUpgradeMetadata>().LastOrDefault()];
            if (metadata.Any(static one => one is { Required: true })
                && description.SupportedResponseTypes.All(static type => type.StatusCode != StatusCodes.Status426UpgradeRequired))
            {
                description.SupportedResponseTypes.Add(Create());
            }
        }
    }

    public void OnProvidersExecuted(ApiDescriptionProviderContext context)
    {
    }

    private ApiResponseType Create() => new()
    {
        StatusCode = StatusCodes.Status426UpgradeRequired,
        Type = typeof(ProblemDetails),
        ModelMetadata = _models.GetMetadataForType(typeof(ProblemDetails)),
        ApiResponseFormats = [new() { MediaType = "application/problem+json" }],
    };
}
