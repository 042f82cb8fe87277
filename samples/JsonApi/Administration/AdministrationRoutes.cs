using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using JsonApi.Jobs;

namespace JsonApi.Administration;

/// <summary>For administrators. The endpoint requires TLS for everything; these require it wherever they are asked for.</summary>
internal static partial class AdministrationRoutes
{
    public static void MapAdministration(this IEndpointRouteBuilder routes)
    {
        var administration = routes.MapGroup("/administration").RequireTlsUpgrade().RequireAuthorization(AdministratorServices.Policy);
        administration.MapGet("/jobs", static (WaitingJobs jobs) => jobs.All);
        administration.MapDelete("/jobs/{id:guid}", Remove);
    }

    private static Results<NoContent, NotFound> Remove(Guid id, WaitingJobs jobs, ClaimsPrincipal administrator, ILogger<WaitingJobs> logger)
    {
        if (!jobs.TryRemove(id))
        {
            return TypedResults.NotFound();
        }

        Log.Removed(logger, id, administrator.Identity!.Name!);
        return TypedResults.NoContent();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The job {Id} was removed by {Administrator}.", EventName = "JobRemoved")]
        public static partial void Removed(ILogger logger, Guid id, string administrator);
    }
}
