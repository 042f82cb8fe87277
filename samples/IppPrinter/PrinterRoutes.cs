using IppPrinter.Description;
using IppPrinter.Jobs;
using IppPrinter.Operations;
using IppPrinter.Spooling;

namespace IppPrinter;

/// <summary>Puts the printer into an application.</summary>
internal static class PrinterRoutes
{
    public static void AddPrinter(this IServiceCollection services)
    {
        services.AddOptions<PrinterOptions>().BindConfiguration(PrinterOptions.SectionName).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Spool>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<PrinterDescription>();
        services.AddSingleton<JobDescription>();
        services.AddSingleton<JobCreation>();
        services.AddSingleton<JobControl>();
        services.AddSingleton<PrinterQueries>();
        services.AddSingleton<OperationRouter>();
        services.AddSingleton<PrinterEndpoint>();
        services.AddHostedService<PrintingService>();
    }

    /// <summary>A job has a URI of its own, below that of the printer.</summary>
    public static void MapPrinter(this IEndpointRouteBuilder routes) => routes
        .MapPost(PrinterAddress.Path + "/{job:int?}", static (HttpContext context, PrinterEndpoint endpoint) => endpoint.AnswerAsync(context))
        .Accepts<Stream>(PrinterEndpoint.MediaType);
}
