using JsonApi;
using JsonApi.Administration;
using JsonApi.Jobs;
using JsonApi.Printers;

var builder = WebApplication.CreateBuilder(args);

// What is shown in the handshake is judged by the application, so that a refusal is an answer and not a broken connection.
builder.WebHost.UseTlsUpgrade(options => options.Https.AllowAnyClientCertificate());
builder.WebHost.ConfigureKestrel(AdministrationEndpoint.Mark);

builder.Services.AddControllers();
builder.Services.AddValidation();
builder.Services.AddProblemDetails(ReplayedRequests.Explain);
builder.Services.AddExceptionHandler(UnreadableRequests.Answer);
builder.Services.AddSingleton<WaitingJobs>();
builder.Services.AddPrinters();
builder.Services.AddAdministrators();

var app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();

// Before routing, so that no resource can say otherwise.
app.UseWhen(AdministrationEndpoint.IsUsedBy, static endpoint => endpoint.RequireTlsUpgrade());
app.UseRouting();
app.UseAuthentication();
app.UseAuthorization();
app.MapControllers();
app.MapPrinters();
app.MapAdministration();
app.Run();
