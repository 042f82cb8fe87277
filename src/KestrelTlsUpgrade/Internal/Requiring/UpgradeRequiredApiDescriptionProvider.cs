using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace KestrelTlsUpgrade.Internal.Requiring;

/// <summary>Adds the 426 to the API description, and so to the OpenAPI document.</summary>
/// <remarks>
/// The model metadata is MVC's own or none. To create it here would keep all of model binding in every trimmed application.
/// </remarks>
internal sealed class UpgradeRequiredApiDescriptionProvider(
    EndpointDataSource endpoints, IOptions<JsonOptions> json, IModelMetadataProvider? models = null)
    : IApiDescriptionProvider
{
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

    private ApiResponseType Create()
    {
        var type = HasContract(json.Value.SerializerOptions) ? typeof(ProblemDetails) : null;
        return new()
        {
            StatusCode = StatusCodes.Status426UpgradeRequired,
            Type = type,
            ModelMetadata = type is null ? null : models?.GetMetadataForType(type),
            ApiResponseFormats = [new() { MediaType = "application/problem+json" }],
        };
    }

    /// <summary>
    /// Without reflection, JSON knows only the types that the application has listed, and OpenAPI fails on any other one.
    /// </summary>
    private static bool HasContract(JsonSerializerOptions options) => options.TypeInfoResolver is { } resolver
        ? resolver.GetTypeInfo(typeof(ProblemDetails), options) is not null
        : JsonSerializer.IsReflectionEnabledByDefault;
}
