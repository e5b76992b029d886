using System.CommandLine;
using Juoku.App;
using Juoku.App.Commands;

// The table of contents: one line a command. A command's name, options and help live with it.
var juoku = new RootCommand("Juoku: click predictions in bulk, bit for bit LightGBM's and many times faster.")
{
    GenerateCommand.Create(),
    FeaturesCommand.Create(),
    TrainCommand.Create(),
    EvaluateCommand.Create(),
    ModelsCommand.Create(),
    PredictCommand.Create(),
    RunCommand.Create(),
    WorkerCommand.Create(),
    ControllerCommand.Create(),
    UpCommand.Create(),
    DemoCommand.Create(),
    SampleCommand.Create(),
    PlanCommand.Create(),
    KedaScalerCommand.Create(),
    BenchCommand.Create(),
    ConfigCommand.Create(),
};

return await CommandRun.RunAsync(juoku, args);
