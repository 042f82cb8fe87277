using Microsoft.AspNetCore.Http.HttpResults;

namespace JsonApi.Printers;

/// <summary>Status reports: nothing personal, and served in clear text as ever.</summary>
internal static class PrinterRoutes
{
    public static void AddPrinters(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<StatusBoard>();
    }

    public static void MapPrinters(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/printers", static (StatusBoard board) => board.All);
        routes.MapPost("/printers/{printer}/status", Report);
    }

    private static Results<NoContent, NotFound> Report(string printer, StatusReport report, StatusBoard board) =>
        board.TryReport(printer, report) ? TypedResults.NoContent() : TypedResults.NotFound();
}
